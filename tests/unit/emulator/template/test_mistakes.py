"""Mistakes in a template are named with their resource, property and line."""

from pathlib import Path

import pytest

from support.templates import SAM, line_of, load, notes, refused

FUNCTION = """
Resources:
  Hello:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: src/
      Handler: app.lambda_handler
      Runtime: python3.11
"""


@pytest.mark.parametrize(
    ("before", "after", "place", "message"),
    [
        ("      Handler: app.lambda_handler\n", "", ("Hello", None, "Hello:"), "Handler"),
        ("      Runtime: python3.11\n", "", ("Hello", None, "Hello:"), "Runtime"),
        ("CodeUri: src/", "CodeUri: sources/", ("Hello", "CodeUri", "CodeUri"), "does not exist"),
        ("Handler:", "Hander:", ("Hello", "Hander", "Hander"), "did you mean Handler?"),
        ("python3.11", "python3.11\n      Timeout: soon", ("Hello", "Timeout", "Timeout"), "whole number"),
        ("python3.11", "python3.11\n      Layers: [!Ref No]", ("Hello", "Layers.0", "Layers"), "No is neither"),
        ("python3.11", "python3.11\n      Environment: [a]", ("Hello", "Environment", "Environment"), ""),
        (
            "python3.11",
            "python3.11\n      FunctionName: !Ref Hello",
            ("Hello", "FunctionName", "FunctionName"),
            "itself",
        ),
        ("    Type: AWS::Serverless::Function\n", "", ("Hello", "Type", "Hello:"), "needs a Type"),
        ("Hello:\n", "Hello: text\n  Other:\n", ("Hello", None, "Hello:"), "must be a mapping"),
        (
            "python3.11",
            "!Ref Pytho\nParameters: {Python: {Type: String}}",
            ("Hello", "Runtime", "Pytho\n"),
            "mean Python?",
        ),
    ],
)
def test_in_functions(
    before: str, after: str, place: tuple[str, str | None, str], message: str, tmp_path: Path
) -> None:
    text = SAM + FUNCTION.replace(before, after, 1)
    error = refused(tmp_path, text)
    resource, property_path, part = place
    assert message in error.message
    assert (error.resource, error.property) == (resource, property_path)
    assert error.line == line_of(text + "\n", part.strip())
    assert str(error).startswith(f"{tmp_path / 'template.yaml'}:{error.line}: {resource}")


@pytest.mark.parametrize(
    ("event", "message"),
    [
        ("{Type: HttpApi, Properties: {Path: /a}}", "Property 'Method' is required"),
        ("{Type: HttpApi, Properties: {Path: /a, Method: get, ApiId: !Ref Nothing}}", "ApiId must be"),
        ("{Type: Api, Properties: {Path: /a, Method: get, RestApiId: !Ref Nothing}}", "RestApiId must be"),
        ("{Type: HttpApi, Properties: {Path: /a, Method: get, Auth: {Authorizer: Nobody}}}", "[Nobody]"),
        ("{Type: MSK, Properties: {Topics: [t], StartingPosition: LATEST}}", "'Stream'"),
        ("{Type: HtpApi}", "Event Type is: HtpApi"),
    ],
)
def test_in_events(event: str, message: str, tmp_path: Path) -> None:
    text = f"{SAM}{FUNCTION}      Events:\n        Call: {event}\n"
    error = refused(tmp_path, text)
    assert message in error.message
    assert (error.resource, error.property, error.line) == ("Hello", "Events.Call", line_of(text, "Call:"))


@pytest.mark.parametrize(
    ("properties", "property_path"),
    [
        ("EphemeralStorage: {Size: big}", "EphemeralStorage.Size"),
        ("EventInvokeConfig: {MaximumRetryAttempts: x}", "EventInvokeConfig.MaximumRetryAttempts"),
        ("Tags: [a]", "Tags"),
        ("Events: [a]", "Events"),
    ],
)
def test_in_what_is_read_from_made_resources(properties: str, property_path: str, tmp_path: Path) -> None:
    text = f"{SAM}{FUNCTION}      {properties}\n"
    error = refused(tmp_path, text)
    assert (error.resource, error.property, error.line) == ("Hello", property_path, line_of(text, properties))


@pytest.mark.parametrize(
    ("definition", "property_path", "message"),
    [
        ("{Type: AWS::Serverless::HttpApi, Properties: {CorsConfiguraton: true}}", "CorsConfiguraton", "not defined"),
        ("{Type: AWS::Serverless::Api}", None, "'StageName'"),
        (
            "{Type: AWS::Serverless::Api, Properties: {StageName: x, DefinitionUri: no.yaml}}",
            "DefinitionUri",
            "no such",
        ),
        ("{Type: AWS::Serverless::LayerVersion, Properties: {ContentUri: nothing}}", "ContentUri", "does not exist"),
        ("{Type: AWS::Serverless::Application, Properties: {Location: no.yaml}}", "Location", "does not exist"),
        ("{Type: AWS::Serverless::Application, Properties: {Location: template.yaml}}", "Location", "contains itself"),
    ],
)
def test_in_other_resources(definition: str, property_path: str | None, message: str, tmp_path: Path) -> None:
    text = f"{SAM}{FUNCTION}  Other: {definition}\n"
    error = refused(tmp_path, text)
    assert message in error.message
    assert (error.resource, error.property, error.line) == ("Other", property_path, line_of(text, "Other:"))


def test_an_unknown_type_of_sams_is_noted(tmp_path: Path) -> None:
    stack = load(tmp_path, f"{SAM}{FUNCTION}  Other: {{Type: AWS::Serverless::Functoin}}\n")
    assert notes(stack) == ["Other is left out: AWS::Serverless::Functoin does not run here"]


def test_every_mistake_is_told_at_once(tmp_path: Path) -> None:
    text = (
        SAM
        + FUNCTION.replace("Handler:", "Hander:")
        + FUNCTION.partition("Resources:\n")[2].replace("Hello", "Other").replace("Runtime:", "Runtim:")
    )
    error = refused(tmp_path, text)
    assert len(str(error).splitlines()) == 2
    assert {error.resource, *(other.resource for other in error.related)} == {"Hello", "Other"}


def test_in_globals(tmp_path: Path) -> None:
    text = f"{SAM}Globals:\n  Function:\n    Timeout: long\n{FUNCTION}"
    error = refused(tmp_path, text)
    assert error.line == line_of(text, "long")
    text = f"{SAM}Globals:\n  Function:\n    Timeot: 3\n{FUNCTION}"
    error = refused(tmp_path, text)
    assert (error.property, error.line) == ("Globals.Function.Timeot", line_of(text, "Timeot"))


@pytest.mark.parametrize("text", ["Resources: {}", "Resources: []", "AWSTemplateFormatVersion: 2010-09-09"])
def test_a_template_without_resources(text: str, tmp_path: Path) -> None:
    assert "Resources" in refused(tmp_path, text).message
