"""Schedules of a template: SAM's events, EventBridge's rules and Scheduler's schedules."""

from __future__ import annotations

from pathlib import Path

import pytest

from lambda_emulator.stack import InputTransformer, Schedule
from support.templates import HEAD, ONE, line_of, load, notes

ARN = "arn:aws:lambda:us-east-1:123456789012:function:Hello"


def of_event(folder: Path, event: str, more: str = "") -> Schedule:
    (schedule,) = load(folder, f"{ONE}{more}      Events:\n        Tick: {event}\n").schedules
    return schedule


def test_an_event_schedule_becomes_a_rule(tmp_path: Path) -> None:
    event = "{Type: Schedule, Properties: {Schedule: rate(5 minutes), Input: '{\"a\": 1}', Enabled: false}}"
    schedule = of_event(tmp_path, event)
    assert schedule == Schedule(
        logical_id="HelloTick",
        function="Hello",
        source="rule",
        arn="arn:aws:events:us-east-1:123456789012:rule/HelloTick",
        target=ARN,
        expression="rate(5 minutes)",
        enabled=False,
        input='{"a": 1}',
    )


def test_an_event_schedule_v2_becomes_a_schedule(tmp_path: Path) -> None:
    event = """
          Type: ScheduleV2
          Properties:
            ScheduleExpression: cron(0 9 ? * MON-FRI *)
            ScheduleExpressionTimezone: Europe/Berlin
            StartDate: 2030-01-01T01:00:00Z
            GroupName: mine
            Name: weekdays
            State: DISABLED
            RetryPolicy: {MaximumRetryAttempts: 3, MaximumEventAgeInSeconds: 600}
            DeadLetterConfig: {Arn: "arn:aws:sqs:us-east-1:123456789012:dead"}
"""
    assert of_event(tmp_path, event) == Schedule(
        logical_id="HelloTick",
        function="Hello",
        source="scheduler",
        arn="arn:aws:scheduler:us-east-1:123456789012:schedule/mine/weekdays",
        target=ARN,
        expression="cron(0 9 ? * MON-FRI *)",
        timezone="Europe/Berlin",
        enabled=False,
        start="2030-01-01T01:00:00Z",
        maximum_retry_attempts=3,
        maximum_event_age_seconds=600,
        dead_letter="arn:aws:sqs:us-east-1:123456789012:dead",
    )


def test_a_published_alias_is_what_is_invoked(tmp_path: Path) -> None:
    schedule = of_event(
        tmp_path, "{Type: Schedule, Properties: {Schedule: rate(1 day)}}", "      AutoPublishAlias: live\n"
    )
    assert (schedule.function, schedule.qualifier) == ("Hello", "live")


PLAIN = (
    HEAD
    + """
Resources:
  Hello: {Type: AWS::Serverless::Function}
  Rule:
    Type: AWS::Events::Rule
    Properties:
      Name: nightly
      ScheduleExpression: cron(0 0 * * ? *)
      Targets:
        - {Id: first, Arn: !GetAtt Hello.Arn}
        - {Id: second, Arn: !GetAtt Hello.Arn, Input: '"text"'}
        - {Id: queue, Arn: "arn:aws:sqs:us-east-1:123456789012:q"}
  Pattern:
    Type: AWS::Events::Rule
    Properties: {EventPattern: {source: [mine]}, Targets: [{Id: it, Arn: !GetAtt Hello.Arn}]}
  Once:
    Type: AWS::Scheduler::Schedule
    Properties:
      ScheduleExpression: at(2030-01-01T00:00:00)
      FlexibleTimeWindow: {Mode: FLEXIBLE, MaximumWindowInMinutes: 5}
      Target:
        Arn: !GetAtt Hello.Arn
        RoleArn: "arn:aws:iam::123456789012:role/r"
        Input: !Sub '{"at": "${AWS::Region}"}'
"""
)


def test_rules_and_schedules_of_cloudformation_are_read(tmp_path: Path) -> None:
    stack = load(tmp_path, PLAIN)
    assert [(item.logical_id, item.arn.rpartition(":")[2], item.input) for item in stack.schedules] == [
        ("Rule", "rule/nightly", None),
        ("Rule.second", "rule/nightly", '"text"'),
        ("Once", "schedule/default/Once", '{"at": "us-east-1"}'),
    ]


def test_what_is_not_done_is_named_with_its_line(tmp_path: Path) -> None:
    told = notes(load(tmp_path, PLAIN))
    for part, text in (
        ("EventPattern", "Pattern.EventPattern: events of a bus do not come by themselves here"),
        ("FlexibleTimeWindow", "Once.FlexibleTimeWindow: the function is invoked at the start of the window here"),
        ("ScheduleExpression: cron", "Rule.ScheduleExpression: the target is no function of this template"),
    ):
        assert any(f":{line_of(PLAIN, part)}: {text}" in note for note in told), (text, told)
    assert len(told) == 3


@pytest.mark.parametrize(
    ("event", "name", "reason"),
    [
        ("{Type: Schedule, Properties: {Schedule: rate(1 minutes)}}", "Schedule", "must be rate(1 minute)"),
        (
            "{Type: ScheduleV2, Properties: {ScheduleExpression: rate(1 day), ScheduleExpressionTimezone: Mars}}",
            "ScheduleExpressionTimezone",
            "'Mars' is no time zone",
        ),
    ],
)
def test_what_aws_refuses_is_left_out_with_the_reason(event: str, name: str, reason: str, tmp_path: Path) -> None:
    stack = load(tmp_path, f"{ONE}      Events:\n        Tick: {event}\n")
    assert not stack.schedules
    (note,) = notes(stack)
    assert reason in note
    assert "Tick" in note
    assert "left out" in note
    assert stack.functions


def test_what_a_target_makes_of_the_event_is_read(tmp_path: Path) -> None:
    stack = load(
        tmp_path,
        HEAD
        + """
Resources:
  Hello: {Type: AWS::Serverless::Function}
  Rule:
    Type: AWS::Events::Rule
    Properties:
      ScheduleExpression: rate(1 day)
      Targets:
        - {Id: part, Arn: !GetAtt Hello.Arn, InputPath: $.time}
        - Id: made
          Arn: !GetAtt Hello.Arn
          InputTransformer: {InputPathsMap: {at: $.time}, InputTemplate: '{"at": <at>}'}
""",
    )
    part, made = stack.schedules
    assert (part.input_path, part.transformer) == ("$.time", None)
    assert made.transformer == InputTransformer('{"at": <at>}', {"at": "$.time"})
    assert not notes(stack)
