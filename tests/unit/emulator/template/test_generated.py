"""References to what only SAM, Systems Manager or a deployment makes."""

from __future__ import annotations

from pathlib import Path

from support.templates import HEAD, line_of, load, notes

TEMPLATE = (
    HEAD
    + """
Parameters:
  Stored: {Type: "AWS::SSM::Parameter::Value<String>", Default: /the/name}
Resources:
  Flow:
    Type: AWS::Serverless::StateMachine
    Properties:
      Definition: {}
      Events:
        Nightly: {Type: Schedule, Properties: {Schedule: rate(1 day)}}
  Hello:
    Type: AWS::Serverless::Function
    Properties:
      AutoPublishAlias: live
      DeploymentPreference: {Type: AllAtOnce}
      Environment:
        Variables:
          ROLE: !GetAtt FlowRole.Arn
          RULE: !Ref FlowNightly
          TICK: !GetAtt HelloTick.Arn
          TOCK_ROLE: !GetAtt HelloTockRole.Arn
          MAPPING: !Ref HelloQueue
          DEPLOYMENT: !Ref ServerlessDeploymentApplication
          STORED: !Ref Stored
      Events:
        Tick: {Type: Schedule, Properties: {Schedule: rate(1 day)}}
        Tock: {Type: ScheduleV2, Properties: {ScheduleExpression: rate(1 day)}}
        Queue: {Type: SQS, Properties: {Queue: "arn:aws:sqs:us-east-1:123456789012:q"}}
"""
)


def test_ids_that_sam_generates_have_values(tmp_path: Path) -> None:
    stack = load(tmp_path, TEMPLATE)
    assert stack.functions["Hello"].environment == {
        "ROLE": "arn:aws:iam::123456789012:role/FlowRole",
        "RULE": "FlowNightly",
        "TICK": "arn:aws:events:us-east-1:123456789012:rule/HelloTick",
        "TOCK_ROLE": "arn:aws:iam::123456789012:role/HelloTockRole",
        "MAPPING": "HelloQueue",
        "DEPLOYMENT": "ServerlessDeploymentApplication",
        "STORED": "/the/name",
    }
    assert not any("stands in" in note and "Stored" not in note for note in notes(stack))


def test_a_value_of_systems_manager_is_warned_of_unless_it_is_given(tmp_path: Path) -> None:
    (note,) = [note for note in notes(load(tmp_path, TEMPLATE)) if "Systems Manager" in note]
    assert f":{line_of(TEMPLATE, '/the/name')}: Parameters.Stored.Default: the value of /the/name" in note
    assert "--parameter-overrides Stored=VALUE" in note
    given = load(tmp_path, TEMPLATE, parameter_overrides={"Stored": "known"})
    assert given.functions["Hello"].environment["STORED"] == "known"
    assert not any("Systems Manager" in note for note in notes(given))


def test_an_alias_that_is_published_has_a_version(tmp_path: Path) -> None:
    function = load(tmp_path, TEMPLATE).functions["Hello"]
    assert (function.aliases, function.versions) == (("live",), ("1",))
    assert [function.executed_version(name) for name in (None, "$LATEST", "live", "1", "2")] == [
        "$LATEST",
        "$LATEST",
        "1",
        "1",
        None,
    ]
