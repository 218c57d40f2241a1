"""Whole templates, as projects have them."""

from pathlib import Path

import pytest

from lambda_emulator.stack import Route
from lambda_emulator.template import load_stack
from support.templates import TEMPLATES, notes

PROJECT = Path(__file__).parents[4] / "template.yaml"


def test_the_first_template_of_every_sam_project() -> None:
    stack = load_stack(TEMPLATES / "hello_world.yaml")
    function = stack.functions["HelloWorldFunction"]
    assert (function.handler, function.timeout_seconds) == ("app.lambda_handler", 3)
    assert function.code_dir == TEMPLATES / "hello_world"
    assert stack.apis[0].routes == (Route("GET", "/hello", "HelloWorldFunction", "1.0", 29.0),)
    assert stack.outputs == {
        "HelloWorldApi": "https://ServerlessRestApi.execute-api.us-east-1.amazonaws.com/Prod/hello/",
        "HelloWorldFunction": "arn:aws:lambda:us-east-1:123456789012:function:HelloWorldFunction",
        "HelloWorldFunctionIamRole": "arn:aws:iam::123456789012:role/HelloWorldFunctionRole",
    }
    assert not notes(stack)


def test_what_the_cdk_writes() -> None:
    stack = load_stack(TEMPLATES / "cdk.json")
    (function,) = stack.functions.values()
    assert function.code_dir == TEMPLATES / "hello_world"
    assert stack.apis[0].routes == (Route("ANY", "/v1/{proxy+}", function.logical_id, "1.0", 29.0),)


def test_what_the_serverless_framework_packages_is_in_s3() -> None:
    stack = load_stack(TEMPLATES / "serverless_framework.yaml")
    assert not stack.functions
    assert "S3" in stack.unavailable["HelloLambdaFunction"]
    assert stack.outputs["ServiceEndpoint"] == "https://ApiGatewayRestApi.execute-api.us-east-1.localhost/dev"


@pytest.mark.skipif(not PROJECT.is_file(), reason="the project has no template yet")
def test_the_projects_own_template() -> None:
    stack = load_stack(PROJECT)
    assert stack.functions
    assert stack.apis
    assert not stack.unavailable
    assert {route.function for api in stack.apis for route in api.routes} <= stack.functions.keys()
