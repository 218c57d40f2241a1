"""Parameters, their checks, and --parameter-overrides."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambda_emulator.template import TemplateError, parse_parameter_overrides
from lambda_emulator.template.evaluation.parameters import parameter_values
from lambda_emulator.template.source.document import parse
from support.templates import load


def values(definition: str, **overrides: str) -> Any:
    document = parse(f"Parameters:\n  P: {definition}\n", Path("template.yaml"))
    return parameter_values(document, overrides).get("P")


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["Stage=prod", "Size=2"], {"Stage": "prod", "Size": "2"}),
        (["Stage=prod Size=2"], {"Stage": "prod", "Size": "2"}),
        (["ParameterKey=Stage,ParameterValue=prod"], {"Stage": "prod"}),
        (["ParameterKey=A,ParameterValue=1 ParameterKey=B,ParameterValue=2"], {"A": "1", "B": "2"}),
        (['Greeting="hello world"', "X=1"], {"Greeting": "hello world", "X": "1"}),
        (["Greeting=hello world"], {"Greeting": "hello world"}),
        (["Url=https://a/?b=c"], {"Url": "https://a/?b=c"}),
        (["ParameterKey=L,ParameterValue=a,b"], {"L": "a,b"}),
        (["Empty="], {"Empty": ""}),
        (["Quoted='x'"], {"Quoted": "x"}),
        (['Json={"a":1}'], {"Json": '{"a":1}'}),
        (['Json={"a": 1}'], {"Json": '{"a": 1}'}),
        ([], {}),
    ],
)
def test_both_forms_of_overrides(arguments: list[str], expected: dict[str, str]) -> None:
    assert parse_parameter_overrides(arguments) == expected


@pytest.mark.parametrize("argument", ["Stage", "=x", "a='open b=2"])
def test_an_override_that_is_neither_form_is_refused(argument: str) -> None:
    with pytest.raises(TemplateError, match="--parameter-overrides"):
        parse_parameter_overrides([argument])


@given(
    st.dictionaries(
        st.from_regex(r"[A-Za-z][A-Za-z0-9]{0,8}", fullmatch=True), st.from_regex(r"[\w:/.,=-]{0,12}", fullmatch=True)
    )
)
def test_every_plain_value_survives(overrides: dict[str, str]) -> None:
    assert parse_parameter_overrides([f"{key}={value}" for key, value in overrides.items()]) == overrides


def test_values_are_text() -> None:
    assert values("{Type: Number, Default: 5}") == "5"
    assert values("{Type: String, Default: true}") == "true"
    assert values("{Type: String, Default: x}", P="y") == "y"


def test_lists_are_split_and_stripped() -> None:
    assert values("{Type: CommaDelimitedList, Default: 'a, b'}") == ["a", "b"]
    assert values("{Type: 'List<Number>', Default: '1,2'}") == ["1", "2"]
    assert values("{Type: 'List<AWS::EC2::Subnet::Id>', Default: 's-1'}") == ["s-1"]


def test_a_parameter_without_a_value_is_left_out() -> None:
    assert values("{Type: String}") is None


@pytest.mark.parametrize(
    ("definition", "value", "problem"),
    [
        ("{Type: String, AllowedValues: [a, b], Default: a}", "c", "none of a, b"),
        ("{Type: String, AllowedPattern: '[a-z]+', Default: a}", "A1", "does not match the pattern"),
        ("{Type: Number, Default: 1}", "one", "is no number"),
        ("{Type: Number, Default: 1, MinValue: 0, MaxValue: 9}", "10", "not within 0…9"),
        ("{Type: String, Default: abc, MinLength: 2, MaxLength: 4}", "a", "has 1 characters"),
        ("{Type: CommaDelimitedList, Default: a, AllowedValues: [a, b]}", "a,c", "none of a, b"),
        ("{Type: 'List<Number>', Default: '1'}", "1,x", "is no number"),
    ],
)
def test_values_are_checked(definition: str, value: str, problem: str) -> None:
    with pytest.raises(TemplateError, match=problem) as caught:
        values(definition, P=value)
    assert caught.value.line == 2
    assert "--parameter-overrides P=VALUE" in str(caught.value)


def test_the_constraint_description_is_told() -> None:
    with pytest.raises(TemplateError, match="only small letters"):
        values("{Type: String, AllowedPattern: '[a-z]+', ConstraintDescription: only small letters}", P="A")


UNDECLARED = """
Resources:
  F:
    Type: AWS::Lambda::Function
    Properties:
      Handler: app.lambda_handler
      Runtime: python3.11
      Code: src
      Environment: {Variables: {MISSING: !Ref Missing, SELF: !Ref F}}
"""


def test_an_override_without_a_parameter_is_noted(tmp_path: Path) -> None:
    stack = load(tmp_path, UNDECLARED, parameter_overrides={"Missing": "1", "AWS::Region": "eu-west-1"})
    assert [warning for warning in stack.warnings if "no such parameter" in warning] == [
        "--parameter-overrides Missing: the template has no such parameter"
    ]


def test_an_override_without_a_parameter_counts_where_it_is_referred_to(tmp_path: Path) -> None:
    stack = load(tmp_path, UNDECLARED, parameter_overrides={"Missing": "1", "F": "not a parameter"})
    assert stack.functions["F"].environment == {"MISSING": "1", "SELF": "F"}
