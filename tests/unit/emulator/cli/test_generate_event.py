"""``generate-event``: a sample of each service, with what its options say."""

from __future__ import annotations

import base64
import gzip
import json
from typing import Any

import pytest
from aws_lambda_powertools.utilities.parser import models
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


SAM = {
    "alexa-skills-kit": "end-session intent-answer intent-getnewfact intent-mycoloris intent-recipe start-session",
    "alexa-smart-home": "smart-home-control-turn-off-request smart-home-control-turn-on-request "
    "smart-home-discovery-request",
    "apigateway": "authorizer aws-proxy",
    "batch": "get-job submit-job",
    "cloudformation": "create-request",
    "cloudfront": "ab-test access-request-in-response http-redirect modify-querystring modify-response-header "
    "multiple-remote-calls-aggregate-response normalize-querystring-to-improve-cache-hit redirect-on-viewer-country "
    "redirect-unauthenticated-users response-generation serve-object-on-viewer-device simple-remote-call",
    "cloudwatch": "logs scheduled-event",
    "codecommit": "repository",
    "codepipeline": "job",
    "cognito": "sync-trigger",
    "config": "item-change-notification oversized-item-change-notification periodic-rule",
    "connect": "contact-flow-event",
    "dynamodb": "update",
    "kinesis": "analytics analytics-compressed analytics-dynamodb analytics-kpl apachelog cloudwatch-logs-processor "
    "get-records kinesis-firehose streams-as-source syslog",
    "lex": "book-car book-hotel make-appointment order-flowers",
    "rekognition": "s3-request",
    "s3": "delete put",
    "sagemaker": "ground-truth-annotation-consolidation ground-truth-pre-human",
    "ses": "email-receiving",
    "sns": "notification",
    "sqs": "receive-message",
    "stepfunctions": "error",
}


def test_every_event_of_sam_is_there() -> None:
    for service, names in SAM.items():
        assert SAMPLES[service].keys() >= set(names.split()), service


@pytest.mark.parametrize(
    ("args", "texts"),
    [
        (("alexa-skills-kit", "intent-recipe", "--session-id", "S", "--user-id", "U", "--application-id", "A"), "SUA"),
        (("apigateway", "authorizer", "--restApiId", "R", "--stage", "S", "--method", "M", "--resource", "P"), "RSMP"),
        (("cloudformation", "create-request", "--stack", "STACK"), ["stack/STACK/"]),
        (("cloudfront", "ab-test", "--uri", "/u", "--method", "PUT"), ["/u", "PUT"]),
        (("codecommit", "repository", "--repository", "R", "--trigger", "T", "--custom-data", "D"), "RTD"),
        (("codepipeline", "job", "--input-bucket", "IB", "--output-key", "OK"), ["IB", "OK"]),
        (("cognito", "sync-trigger", "--region", "eu-west-1"), ["eu-west-1"]),
        (("config", "periodic-rule", "--partition", "aws-cn"), ["arn:aws-cn:config"]),
        (("connect", "contact-flow-event", "--contact-id", "C", "--phone-number", "+49"), ["C", "+49"]),
        (("kinesis", "analytics", "--application", "APP", "--stream", "ST"), ["application/APP", "stream/ST"]),
        (("kinesis", "streams-as-source", "--sequence", "7", "--data", "eA=="), ["7", "eA=="]),
        (("rekognition", "s3-request", "--bucket", "b", "--key", "k"), ["arn:aws:s3:::b", '"k"']),
        (
            ("sagemaker", "ground-truth-pre-human", "--source-ref", "s3://x", "--labeling-job-name", "J"),
            ["s3://x", "J"],
        ),
        (("sagemaker", "ground-truth-annotation-consolidation", "--s3-output-path", "s3://o"), ["s3://o"]),
        (("ses", "email-receiving", "--dns-suffix", "example.org"), ["inbound-smtp.example.org"]),
        (("eventbridge", "event", "--detail", '{"n": 1}', "--source", "mine"), ['"n": 1', "mine"]),
        (("eventbridge", "scheduler", "--group", "G", "--schedule", "S"), ["schedule/G/S"]),
    ],
)
def test_options_are_in_the_event(args: tuple[str, ...], texts: str | list[str]) -> None:
    made = json.dumps(event(*args), ensure_ascii=False)
    assert all(text in made for text in texts)


def test_log_events_are_compressed() -> None:
    data = event("cloudwatch", "logs")["awslogs"]["data"]
    content = json.loads(gzip.decompress(base64.b64decode(data)))
    assert (content["messageType"], len(content["logEvents"])) == ("DATA_MESSAGE", 2)


def test_a_request_to_an_http_api_is_complete() -> None:
    made = event("apigateway", "http-api-proxy")
    assert made["cookies"] == ["cookie1=value1", "cookie2=value2"]
    assert made["pathParameters"] == {"proxy": "path/to/resource"}
    assert made["requestContext"]["authorizer"]["jwt"]["claims"] == {"sub": "somebody"}
    assert made["stageVariables"] == {"stageVariable1": "value1"}


def test_a_detail_that_is_no_json_is_a_usage_error() -> None:
    assert run("eventbridge", "event", "--detail", "{").exit_code == 2


@pytest.mark.parametrize(
    ("args", "model"),
    [
        ("alb request", "AlbModel"),
        ("apigateway authorizer", "ApiGatewayAuthorizerToken"),
        ("apigateway aws-proxy", "APIGatewayProxyEventModel"),
        ("apigateway http-api-proxy", "APIGatewayProxyEventV2Model"),
        ("apigateway request-authorizer", "ApiGatewayAuthorizerRequest"),
        ("appsync resolver", "AppSyncResolverEventModel"),
        ("cloudformation create-request", "CloudFormationCustomResourceCreateModel"),
        ("cloudwatch logs", "CloudWatchLogsModel"),
        ("cloudwatch scheduled-event", "EventBridgeModel"),
        ("dynamodb update", "DynamoDBStreamModel"),
        ("eventbridge event", "EventBridgeModel"),
        ("kinesis get-records", "KinesisDataStreamModel"),
        ("kinesis kinesis-firehose", "KinesisFirehoseModel"),
        ("kinesis streams-as-source", "KinesisFirehoseModel"),
        ("rekognition s3-request", "S3Model"),
        ("s3 delete", "S3Model"),
        ("s3 put", "S3Model"),
        ("ses email-receiving", "SesModel"),
        ("sns notification", "SnsModel"),
        ("sqs receive-message", "SqsModel"),
    ],
)
def test_powertools_takes_the_event_for_one_of_aws(args: str, model: str) -> None:
    getattr(models, model).model_validate(event(*args.split()))
