"""A SAM template as plain CloudFormation: every route a resource, code by its address, names that are known."""

from __future__ import annotations

import zipfile
from io import BytesIO
from pathlib import Path

import pytest

from stellar_deploy.expand import API, expand
from stellar_deploy.package import zipped

CODE = "s3://bucket/code.zip"


def function(**events: object) -> dict[str, object]:
    properties = {"Handler": "app.handler", "Runtime": "python3.13", "CodeUri": CODE, "Events": events}
    return {"Type": "AWS::Serverless::Function", "Properties": properties}


def http_event(**properties: object) -> dict[str, object]:
    return {"Type": "HttpApi", "Properties": {"ApiId": {"Ref": "Api"}, **properties}}


@pytest.fixture
def expanded() -> dict[str, object]:
    template = {
        "Transform": "AWS::Serverless-2016-10-31",
        "Resources": {
            "Api": {
                "Type": "AWS::Serverless::HttpApi",
                "Properties": {"CorsConfiguration": {"AllowOrigins": ["http://a"], "AllowMethods": ["GET"]}},
            },
            "Rest": function(Default=http_event()),
            "Items": function(
                One=http_event(Path="/items/{id}", Method="GET"), Any=http_event(Path="/any", Method="ANY")
            ),
        },
    }
    return expand(template, "eu-west-1")["Resources"]


def test_every_operation_becomes_a_route_to_its_function(expanded: dict[str, dict[str, dict[str, object]]]) -> None:
    routes = {
        each["Properties"]["RouteKey"]: each["Properties"]
        for each in expanded.values()
        if each["Type"] == "AWS::ApiGatewayV2::Route"
    }
    assert set(routes) == {"$default", "GET /items/{id}", "ANY /any"}
    target = routes["GET /items/{id}"]["Target"]["Fn::Join"][1][1]["Ref"]
    integration = expanded[target]["Properties"]
    assert "${Items.Arn}" in str(integration["IntegrationUri"])
    assert integration["PayloadFormatVersion"] == "2.0"


def test_the_api_itself_keeps_what_is_not_a_route(expanded: dict[str, dict[str, dict[str, object]]]) -> None:
    assert expanded["Api"]["Type"] == API
    properties = expanded["Api"]["Properties"]
    assert "Body" not in properties
    assert properties["ProtocolType"] == "HTTP"
    assert properties["CorsConfiguration"] == {"AllowOrigins": ["http://a"], "AllowMethods": ["GET"]}


def test_functions_are_called_by_their_logical_ids(expanded: dict[str, dict[str, dict[str, object]]]) -> None:
    assert expanded["Rest"]["Properties"]["FunctionName"] == "Rest"
    assert expanded["Rest"]["Properties"]["Code"] == {"S3Bucket": "bucket", "S3Key": "code.zip"}


def test_the_same_files_give_the_same_zip(tmp_path: Path) -> None:
    (tmp_path / "package").mkdir()
    (tmp_path / "package" / "a.py").write_text("A = 1\n")
    (tmp_path / "__pycache__").mkdir()
    (tmp_path / "__pycache__" / "a.pyc").write_bytes(b"x")
    first, size = zipped(tmp_path)
    (tmp_path / "package" / "a.py").touch()
    assert zipped(tmp_path) == (first, size)
    assert size == 6
    assert zipfile.ZipFile(BytesIO(first)).namelist() == ["package/a.py"]
