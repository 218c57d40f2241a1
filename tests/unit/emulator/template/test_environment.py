"""--env-vars: the file, and what it overrides."""

from pathlib import Path

import pytest

from lambda_emulator.template import TemplateError, load_stack, read_environment_file
from support.templates import SAM, write

TEMPLATE = (
    SAM
    + """
Globals:
  Function: {CodeUri: src, Handler: app.lambda_handler, Runtime: python3.11}
Resources:
  One:
    Type: AWS::Serverless::Function
    Properties: {FunctionName: first, Environment: {Variables: {A: template, B: template, C: template}}}
  Two:
    Type: AWS::Serverless::Function
    Properties: {Environment: {Variables: {A: template, IMPORTED: !ImportValue other-Name}}}
"""
)


def environments(folder: Path, overrides: dict[str, dict[str, str]]) -> list[dict[str, str]]:
    stack = load_stack(write(folder, TEMPLATE), environment_overrides=overrides)
    return [dict(function.environment) for function in stack.functions.values()]


def test_for_every_function_then_by_name_then_by_logical_id(tmp_path: Path) -> None:
    first, second = environments(
        tmp_path,
        {
            "Parameters": {"A": "every", "B": "every", "C": "every", "IMPORTED": "every"},
            "first": {"B": "name", "C": "name"},
            "One": {"C": "id"},
        },
    )
    assert first == {"A": "every", "B": "name", "C": "id"}
    assert second == {"A": "every", "IMPORTED": "every"}


def test_a_function_of_the_cdk_may_be_named_by_its_construct(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        """
        Resources:
          pay1A2B:
            Type: AWS::Lambda::Function
            Properties:
              Code: src
              Handler: app.lambda_handler
              Runtime: python3.11
              Environment: {Variables: {A: template}}
            Metadata: {'aws:cdk:path': Shop/pay-function/Resource}
        """,
    )
    stack = load_stack(path, environment_overrides={"pay-function": {"A": "construct"}})
    assert stack.functions["pay1A2B"].environment == {"A": "construct"}


def test_what_the_template_does_not_declare_is_not_added(tmp_path: Path) -> None:
    first, _ = environments(tmp_path, {"One": {"UNDECLARED": "x"}, "Two": {"IMPORTED": "x"}})
    assert "UNDECLARED" not in first


def test_the_file_becomes_text(tmp_path: Path) -> None:
    path = tmp_path / "env.json"
    path.write_text('{"One": {"A": 1, "B": true, "C": null}, "Parameters": {"D": "x"}}')
    assert read_environment_file(path) == {"One": {"A": "1", "B": "true", "C": ""}, "Parameters": {"D": "x"}}


@pytest.mark.parametrize("text", ["[]", '{"A": "flat"}', "{", '{"A": ["x"]}'])
def test_a_file_of_another_form_is_refused(text: str, tmp_path: Path) -> None:
    path = tmp_path / "env.json"
    path.write_text(text)
    with pytest.raises(TemplateError, match=r"env\.json"):
        read_environment_file(path)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(TemplateError, match="cannot be read"):
        read_environment_file(tmp_path / "env.json")
