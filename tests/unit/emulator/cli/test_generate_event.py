"""``generate-event``: a sample of each service, with what its options say."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from click.testing import CliRunner, Result

from lambda_emulator.cli.generate_event import generate_event
from lambda_emulator.sample_events import SAMPLES


def run(*args: str) -> Result:
    return CliRunner().invoke(generate_event, args)


def event(*args: str) -> Any:
    result = run(*args)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


@pytest.mark.parametrize(("service", "name"), [(service, name) for service, names in SAMPLES.items() for name in names])
def test_every_sample_is_an_object_and_is_listed(service: str, name: str) -> None:
    assert event(service, name)
    assert service in run("--help").output
    assert name in run(service, "--help").output


def test_kafka_is_among_them() -> None:
    assert event("kafka")["eventSource"] == "aws:kafka"
    assert event("self-managed-kafka")["eventSource"] == "SelfManagedKafka"


def test_an_object_of_s3() -> None:
    (record,) = event("s3", "put", "--bucket", "photos", "--key", "a b/é.jpg", "--region", "eu-west-1")["Records"]
    assert (record["eventName"], record["awsRegion"]) == ("ObjectCreated:Put", "eu-west-1")
    assert record["s3"]["bucket"]["arn"] == "arn:aws:s3:::photos"
    assert record["s3"]["object"]["key"] == "a+b/%C3%A9.jpg"
    (record,) = event("s3", "delete")["Records"]
    assert record["eventName"] == "ObjectRemoved:Delete"
    assert "size" not in record["s3"]["object"]


def test_messages() -> None:
    (record,) = event("sqs", "receive-message", "--queue-name", "jobs", "--body", "go")["Records"]
    assert (record["body"], record["eventSourceARN"]) == ("go", "arn:aws:sqs:us-east-1:123456789012:jobs")
    (record,) = event("sns", "notification", "--topic", "news", "--message", "hi", "--account-id", "1")["Records"]
    assert (record["Sns"]["Message"], record["Sns"]["TopicArn"]) == ("hi", "arn:aws:sns:us-east-1:1:news")
    scheduled = event("cloudwatch", "scheduled-event", "--rule", "nightly")
    assert scheduled["resources"] == ["arn:aws:events:us-east-1:123456789012:rule/nightly"]


def test_records_of_streams() -> None:
    records = event("dynamodb", "update", "--table", "stars")["Records"]
    assert [record["eventName"] for record in records] == ["INSERT", "MODIFY", "REMOVE"]
    assert all(":table/stars/stream/" in record["eventSourceARN"] for record in records)
    (record,) = event("kinesis", "get-records", "--data", "x", "--partition-key", "p")["Records"]
    assert (base64.b64decode(record["kinesis"]["data"]), record["kinesis"]["partitionKey"]) == (b"x", "p")


def test_a_request_to_an_api() -> None:
    options = ("--method", "PUT", "--path", "a/b", "--body", '{"n": 1}', "--stage", "dev", "--account-id", "7")
    first = event("apigateway", "aws-proxy", "--querystringparameters", '{"q": "é"}', *options)
    assert (first["httpMethod"], first["path"], first["pathParameters"]) == ("PUT", "/a/b", {"proxy": "a/b"})
    assert (first["body"], first["queryStringParameters"]) == ('{"n": 1}', {"q": "é"})
    second = event("apigateway", "http-api-proxy", *options)
    assert (second["version"], second["rawPath"], second["body"]) == ("2.0", "/a/b", '{"n": 1}')
    for context in (first["requestContext"], second["requestContext"]):
        assert (context["stage"], context["accountId"]) == ("dev", "7")


@pytest.mark.parametrize(
    "args",
    [
        ("s3", "post"),
        ("s4",),
        ("s3", "put", "--colour", "x"),
        ("apigateway", "aws-proxy", "--querystringparameters", "q"),
        ("apigateway", "aws-proxy", "--querystringparameters", "[1]"),
    ],
)
def test_what_there_is_not_is_a_usage_error(args: tuple[str, ...]) -> None:
    result = run(*args)
    assert result.exit_code == 2
    assert "Traceback" not in result.output
