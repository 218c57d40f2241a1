"""Events of payload format 2.0 and the answers to them."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from lambda_emulator.http_api import create_app
from lambda_emulator.stack import Api, Route
from support.gateway_doubles import AsgiClient, FakeInvoker, a_function, an_api

PROBE = {"statusCode": 200}


def client(*routes: str, answer: Any = PROBE, **settings: Any) -> tuple[AsgiClient, FakeInvoker]:
    invoker = FakeInvoker(a_function(), answer=lambda event: answer)
    return AsgiClient(create_app(an_api("http", *routes, **settings), invoker)), invoker


async def event_of(target: str, *routes: str, method: str = "GET", settings: Any = None, **options: Any) -> Any:
    gateway, invoker = client(*(routes or ("$default",)), **(settings or {}))
    await gateway.request(method, target, **options)
    return invoker.last.event


async def test_the_whole_event() -> None:
    event = await event_of(
        "/my/path%20x?parameter1=value1&parameter1=value2&parameter2=a%20b&empty=",
        "POST /my/{thing}",
        method="POST",
        settings={"stage_variables": {"name": "value"}, "logical_id": "TheApi"},
        headers=[
            ("Content-Type", "application/json; charset=utf-8"),
            ("User-Agent", "agent/1"),
            ("X-Many", "one"),
            ("X-Many", "two"),
            ("Cookie", "a=1; b=2"),
            ("X-Amzn-Trace-Id", "Root=1-67891233-abcdef012345678912345678"),
        ],
        body=b'{"k": "\xc3\xa9"}',
    )
    context = event["requestContext"]
    request_id, epoch = context.pop("requestId"), context.pop("timeEpoch")
    assert len(request_id) == 16
    assert request_id.endswith("=")
    assert epoch > 1_600_000_000_000
    assert context.pop("time").endswith(" +0000")
    assert event == {
        "version": "2.0",
        "routeKey": "POST /my/{thing}",
        "rawPath": "/my/path x",
        "rawQueryString": "parameter1=value1&parameter1=value2&parameter2=a%20b&empty=",
        "cookies": ["a=1", "b=2"],
        "headers": {
            "host": "api.example.com",
            "content-type": "application/json; charset=utf-8",
            "content-length": "11",
            "user-agent": "agent/1",
            "x-many": "one,two",
            "x-amzn-trace-id": "Root=1-67891233-abcdef012345678912345678",
            "x-forwarded-for": "203.0.113.7",
            "x-forwarded-port": "3000",
            "x-forwarded-proto": "http",
        },
        "queryStringParameters": {"parameter1": "value1,value2", "parameter2": "a b", "empty": ""},
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "TheApi",
            "domainName": "api.example.com",
            "domainPrefix": "api",
            "http": {
                "method": "POST",
                "path": "/my/path x",
                "protocol": "HTTP/1.1",
                "sourceIp": "203.0.113.7",
                "userAgent": "agent/1",
            },
            "routeKey": "POST /my/{thing}",
            "stage": "$default",
        },
        "body": '{"k": "é"}',
        "pathParameters": {"thing": "path x"},
        "isBase64Encoded": False,
        "stageVariables": {"name": "value"},
    }


async def test_what_has_no_value_is_left_out() -> None:
    event = await event_of("/x")
    assert event.keys() == {
        "version", "routeKey", "rawPath", "rawQueryString", "headers", "requestContext", "isBase64Encoded",
    }  # fmt: skip
    assert event["headers"]["content-length"] == "0"
    assert event["routeKey"] == "$default"


async def test_the_connection_of_the_client_is_not_in_the_event() -> None:
    event = await event_of("/x", headers={"connection": "keep-alive", "x-kept": "1"})
    assert "connection" not in event["headers"]
    assert event["headers"]["x-kept"] == "1"


async def test_time_is_in_common_log_format(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lambda_emulator.http_api.message.time.time_ns", lambda: 1_583_348_638_390_000_000)
    context = (await event_of("/"))["requestContext"]
    assert (context["time"], context["timeEpoch"]) == ("04/Mar/2020:19:03:58 +0000", 1_583_348_638_390)


async def test_the_route_key_of_any_stays_any() -> None:
    assert (await event_of("/x", "ANY /x", method="PUT"))["routeKey"] == "ANY /x"


async def test_a_stage_in_the_path_stays_in_raw_path() -> None:
    settings = {"stage": "dev"}
    named = await event_of("/dev/items/1", "GET /items/{id}", settings=settings)
    assert named["rawPath"] == named["requestContext"]["http"]["path"] == "/dev/items/1"
    assert named["requestContext"]["stage"] == "dev"
    assert (await event_of("/items/1", "GET /items/{id}", settings=settings))["rawPath"] == "/items/1"


@pytest.mark.parametrize(
    ("content_type", "encoded"),
    [
        ("text/plain", False),
        ("text/html; charset=utf-8", False),
        ("application/json", False),
        ("APPLICATION/JSON", False),
        ("application/xml", False),
        ("application/javascript", False),
        ("application/x-www-form-urlencoded", True),
        ("application/octet-stream", True),
        ("image/png", True),
        ("multipart/form-data; boundary=x", True),
        (None, True),
    ],
)
async def test_a_body_that_is_no_text_is_base64(content_type: str | None, encoded: bool) -> None:
    headers = {} if content_type is None else {"content-type": content_type}
    event = await event_of("/", method="POST", headers=headers, body=b"a=b")
    assert event["isBase64Encoded"] is encoded
    assert event["body"] == (base64.b64encode(b"a=b").decode() if encoded else "a=b")


async def test_forwarded_for_is_extended_and_a_trace_is_begun() -> None:
    event = await event_of("/", headers={"x-forwarded-for": "198.51.100.1"})
    assert event["headers"]["x-forwarded-for"] == "198.51.100.1, 203.0.113.7"
    assert event["headers"]["x-amzn-trace-id"].startswith("Root=1-")


async def test_the_trace_goes_to_the_runtime_too() -> None:
    gateway, invoker = client("$default")
    await gateway.get("/")
    assert invoker.last.trace_id == invoker.last.event["headers"]["x-amzn-trace-id"]


async def test_the_event_of_a_function_url() -> None:
    invoker = FakeInvoker(a_function(), answer=lambda event: PROBE)
    url = Api("HelloUrl", "function_url", (Route("ANY", "$default", "Hello"),))
    await AsgiClient(create_app(url, invoker)).get("/lambda-url/Hello/a%20b?x=1")
    event = invoker.last.event
    assert event["rawPath"] == event["requestContext"]["http"]["path"] == "/a%20b"
    assert event["requestContext"]["accountId"] == "anonymous"
    assert event["routeKey"] == "$default"


async def answer_of(answer: Any) -> Any:
    gateway, _ = client("$default", answer=answer)
    return await gateway.get("/")


@pytest.mark.parametrize(
    ("result", "body"),
    [
        ({"foo": "bar"}, b'{"foo": "bar"}'),
        ("Hello from Lambda!", b"Hello from Lambda!"),
        (2, b"2"),
        ([1, "a"], b'[1, "a"]'),
        (None, b"null"),
        ({"body": "no status code"}, b'{"body": "no status code"}'),
    ],
)
async def test_a_result_without_status_code_is_the_body(result: Any, body: bytes) -> None:
    response = await answer_of(result)
    assert (response.status, response.body) == (200, body)
    assert response.header("content-type") == "application/json"


async def test_a_structured_response() -> None:
    response = await answer_of(
        {
            "statusCode": 201,
            "headers": {"Content-Type": "text/csv", "X-Number": 5, "X-Yes": True, "Content-Length": "99"},
            "cookies": ["a=1; Secure", "b=2"],
            "body": "x,y",
        }
    )
    assert (response.status, response.body) == (201, b"x,y")
    assert response.header("content-type") == "text/csv"
    assert response.header("x-number") == "5"
    assert response.header("x-yes") == "true"
    assert response.all("set-cookie") == ["a=1; Secure", "b=2"]
    assert response.all("content-length") == ["3"]
    assert len(response.header("apigw-requestid") or "") == 16


async def test_defaults_of_a_structured_response() -> None:
    response = await answer_of({"statusCode": "204"})
    assert (response.status, response.body) == (204, b"")
    response = await answer_of({"statusCode": 200, "body": "plain"})
    assert response.header("content-type") == "text/plain; charset=utf-8"
    assert (await answer_of({"statusCode": 200, "body": 42})).body == b"42"
    assert (await answer_of({"statusCode": 200, "key": "ignored"})).status == 200


async def test_a_base64_body_is_decoded_only_when_it_is_said_to_be_one() -> None:
    raw = b"\x89PNG\x00"
    encoded = base64.b64encode(raw).decode()
    assert (await answer_of({"statusCode": 200, "body": encoded, "isBase64Encoded": True})).body == raw
    assert (await answer_of({"statusCode": 200, "body": encoded, "isBase64Encoded": "True"})).body == raw
    for no in (False, "false", "False", None):
        assert (await answer_of({"statusCode": 200, "body": encoded, "isBase64Encoded": no})).body == encoded.encode()
    assert (await answer_of({"statusCode": 200, "body": encoded})).body == encoded.encode()


@pytest.mark.parametrize(
    "result",
    [
        {"statusCode": "abc"},
        {"statusCode": None},
        {"statusCode": 99},
        {"statusCode": 1000},
        {"statusCode": True},
        {"statusCode": 200, "body": {"not": "text"}},
        {"statusCode": 200, "body": ["not", "text"]},
        {"statusCode": 200, "headers": ["a"]},
        {"statusCode": 200, "headers": {"a": ["x"]}},
        {"statusCode": 200, "headers": {"bad name": "x"}},
        {"statusCode": 200, "headers": {"a": "x\r\nset-cookie: evil=1"}},
        {"statusCode": 200, "cookies": "a=1"},
        {"statusCode": 200, "cookies": ["a=1\r\nx: y"]},
        {"statusCode": 200, "body": "not base64!", "isBase64Encoded": True},
        {"statusCode": 200, "body": "eA==", "isBase64Encoded": 1},
        {"statusCode": 200, "body": "eA==", "isBase64Encoded": "yes"},
    ],
)
async def test_a_malformed_response_is_an_internal_server_error(result: Any) -> None:
    response = await answer_of(result)
    assert (response.status, response.body) == (500, b'{"message":"Internal Server Error"}')


async def test_text_beyond_latin_1_survives_in_body_and_header() -> None:
    response = await answer_of({"statusCode": 200, "headers": {"x-star": "★"}, "body": "★"})
    assert response.body == "★".encode()
    assert response.header("x-star") == "★".encode().decode("latin-1")


async def test_json_of_a_result_is_passed_on_byte_for_byte() -> None:
    gateway, _ = client("$default", answer={"big": 12345678901234567890123})
    assert json.loads((await gateway.get("/")).body) == {"big": 12345678901234567890123}
