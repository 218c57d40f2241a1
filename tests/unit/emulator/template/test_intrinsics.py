"""Intrinsic functions, one by one."""

import base64
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from lambda_emulator.template import TemplateError
from lambda_emulator.template.errors import UnavailableError
from lambda_emulator.template.evaluation.intrinsics import NO_VALUE, Evaluator
from lambda_emulator.template.source.document import parse

TEMPLATE = """
Mappings:
  Sizes:
    prod: {memory: 512, zones: [a, b]}
Parameters:
  Unset: {Type: String}
Conditions:
  IsTrue: !Equals [a, a]
  IsFalse: !Not [!Condition IsTrue]
  Both: !And [!Condition IsTrue, !Condition IsFalse]
  Either: !Or [!Condition IsTrue, !Condition IsFalse]
  Circle: !Not [!Condition Circle]
  NeedsUnset: !Equals [!Ref Unset, a]
Resources:
  Queue: {Type: AWS::SQS::Queue}
"""
VALUES = {"Stage": "prod", "Count": "3", "Zones": ["x", "y", "z"], "AWS::Region": "us-east-1"}


class Queues:
    """A template with one resource."""

    def ref(self, logical_id: str) -> str:
        return {"Queue": "https://queue"}[logical_id]

    def attribute(self, logical_id: str, name: str) -> str:
        return {"Queue": f"arn:{name}"}[logical_id]


def evaluate(text: str, *, settle_all: bool = True, values: Mapping[str, Any] = VALUES) -> Any:
    """The value of one piece of YAML."""
    document = parse(f"{TEMPLATE}\nValue: {text}", Path("template.yaml"))
    resources = Queues() if settle_all else None
    return Evaluator(document, values, resources).evaluate(document.data["Value"], ("Value",))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("!Ref Stage", "prod"),
        ("!Ref Queue", "https://queue"),
        ("!GetAtt Queue.Arn", "arn:Arn"),
        ("{'Fn::GetAtt': Queue.Arn}", "arn:Arn"),
        ("{'Fn::GetAtt': [Queue, !Ref Stage]}", "arn:prod"),
        ("!Sub '${Stage}-${AWS::Region}-${Queue.Arn}'", "prod-us-east-1-arn:Arn"),
        ("!Sub ['${a}/${Stage}', {a: !Ref Count}]", "3/prod"),
        ("!Sub '${!Stage}'", "${Stage}"),
        ("!Sub ['${a}', {a: '${b}'}]", "${b}"),
        ("!Sub 'no placeholder, $5 {x}'", "no placeholder, $5 {x}"),
        ("!Join ['-', [a, !Ref Stage, 1, true]]", "a-prod-1-true"),
        ("!Join [',', !Ref Zones]", "x,y,z"),
        ("!Select [1, !Ref Zones]", "y"),
        ("!Select ['0', !Split [',', 'a,b']]", "a"),
        ("!Split ['-', !Ref Stage]", ["prod"]),
        ("!FindInMap [Sizes, !Ref Stage, memory]", 512),
        ("!FindInMap [Sizes, test, memory, {DefaultValue: 128}]", 128),
        ("!If [IsTrue, a, b]", "a"),
        ("!If [IsFalse, a, b]", "b"),
        ("!If [Both, a, b]", "b"),
        ("!If [Either, a, b]", "a"),
        ("{a: !If [IsFalse, 1, !Ref AWS::NoValue], b: 2}", {"b": 2}),
        ("[1, !Ref AWS::NoValue]", [1]),
        ("!Select [0, !GetAZs '']", "us-east-1a"),
        ("!Select [2, !GetAZs eu-west-1]", "eu-west-1c"),
        ("!Cidr [10.0.0.0/16, 2, 8]", ["10.0.0.0/24", "10.0.1.0/24"]),
        ("{'Fn::Length': !Ref Zones}", 3),
        ("{'Fn::ToJsonString': {a: [1, !Ref Stage]}}", '{"a":[1,"prod"]}'),
        ("!Equals [1, '1']", True),
    ],
)
def test_values(text: str, expected: Any) -> None:
    assert evaluate(text) == expected


def test_base64() -> None:
    assert evaluate("{'Fn::Base64': !Sub 'hi ${Stage}'}") == base64.b64encode(b"hi prod").decode()


def test_no_value_alone_is_no_value() -> None:
    assert evaluate("!Ref AWS::NoValue") is NO_VALUE


@pytest.mark.parametrize(
    "text",
    [
        "{Ref: Queue}",
        "{'Fn::GetAtt': [Queue, Arn]}",
        "{'Fn::Sub': '${Queue.Arn}'}",
        "{'Fn::Join': [':', [a, {Ref: Queue}]]}",
        "{'Fn::ImportValue': other}",
        "{'Fn::FindInMap': [Sizes, {Ref: Unset}, memory]}",
    ],
)
def test_what_needs_a_resource_stays_as_it_is(text: str) -> None:
    assert evaluate(text, settle_all=False) == yaml.safe_load(text)


def test_sub_settles_what_it_can() -> None:
    half = evaluate("!Sub ['${Stage}:${Queue}:${n}:${!lit}', {n: !Ref Queue}]", settle_all=False)
    assert half == {"Fn::Sub": ["prod:${Queue}:${n}:${!lit}", {"n": {"Ref": "Queue"}}]}


@given(st.text(), st.text())
def test_settling_sub_in_two_steps_gives_what_one_step_gives(before: str, value: str) -> None:
    document = parse(TEMPLATE, Path("template.yaml"))
    text = before.replace("${", "$ {") + "|${Value}|${Queue}|${!Value}"
    values = {"Value": value}
    whole = Evaluator(document, values, Queues()).evaluate({"Fn::Sub": text}, ())
    half = Evaluator(document, values).evaluate({"Fn::Sub": text}, ())
    assert Evaluator(document, {}, Queues()).evaluate(half, ()) == whole
    assert whole == f"{before.replace('${', '$ {')}|{value}|https://queue|${{Value}}"


@given(st.lists(st.text(alphabet="abc"), min_size=1), st.integers(min_value=0, max_value=20))
def test_select_of_split_of_join_is_the_item(items: list[str], index: int) -> None:
    document = parse(TEMPLATE, Path("template.yaml"))
    index %= len(items)
    call = {"Fn::Select": [index, {"Fn::Split": ["|", {"Fn::Join": ["|", items]}]}]}
    assert Evaluator(document, {}).evaluate(call, ()) == items[index]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("!Ref Nothing", "neither a parameter nor a resource"),
        ("!Ref Queu", "did you mean Queue?"),
        ("!Sub '${Nothing.Arn}'", "neither a parameter nor a resource"),
        ("!Sub '${Zones}'", "a list or a mapping"),
        ("!Sub ['a', b, c]", "Fn::Sub takes"),
        ("!GetAtt Queue", "Fn::GetAtt takes"),
        ("!Join [',']", "Fn::Join takes"),
        ("!Join [',', [[a]]]", "joins texts"),
        ("!Select [9, [a]]", "asks for item 9 of a list of 1"),
        ("!Select [-1, [a]]", "takes an index"),
        ("!Split ['', a]", "takes a delimiter"),
        ("!FindInMap [Sizes, prood, memory]", "did you mean prod?"),
        ("!FindInMap [Sizes, prod]", "Fn::FindInMap takes"),
        ("!If [Maybe, a, b]", "no condition is called Maybe"),
        ("!If [IsTrue, a]", "Fn::If takes"),
        ("!If [Circle, a, b]", "depends on itself"),
        ("!Cidr [10.0.0.0/99, 1, 8]", "Fn::Cidr"),
        ("!Equals [a]", "takes a list of two"),
        ("!Magic x", "Fn::Magic is not known here"),
    ],
)
def test_mistakes_are_explained(text: str, message: str) -> None:
    with pytest.raises(TemplateError) as caught:
        evaluate(text)
    assert message in str(caught.value)
    assert caught.value.line is not None


@pytest.mark.parametrize(
    ("text", "way_out"),
    [
        ("!Ref Unset", "--parameter-overrides Unset=VALUE"),
        ("!If [NeedsUnset, a, b]", "--parameter-overrides Unset=VALUE"),
        ("!ImportValue other-stack-Name", "--env-vars"),
        ("{'Fn::Transform': {Name: MyMacro}}", "runs in AWS only"),
    ],
)
def test_what_is_known_elsewhere_is_told_apart(text: str, way_out: str) -> None:
    with pytest.raises(UnavailableError) as caught:
        evaluate(text)
    assert way_out in str(caught.value)


def test_sub_and_join_tell_what_is_known_elsewhere_too() -> None:
    for text in ("!Sub '${Unset}'", "!Join ['', [!Ref Unset]]", "!Sub ['${a}', {a: !ImportValue x}]"):
        with pytest.raises(UnavailableError):
            evaluate(text)
