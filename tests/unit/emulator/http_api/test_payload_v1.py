"""Events of payload format 1.0 and the answers to them, of REST APIs and of HTTP APIs."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from lambda_emulator.http_api import create_app
from lambda_emulator.stack import Route
from support.gateway_doubles import AsgiClient, FakeInvoker, a_function, an_api

PROBE = {"statusCode": 200}
GIF = base64.b64decode("R0lGODdhAQABAJEAAAAAAP///wAAAAAAACH5BAkAAAIALAAAAAABAAEAAAICRAEAOw==")


def rest(*routes: str | Route, answer: Any = PROBE, **settings: Any) -> tuple[AsgiClient, FakeInvoker]:
    invoker = FakeInvoker(a_function(), answer=lambda event: answer)
    return AsgiClient(create_app(an_api("rest", *(routes or ("ANY /{proxy+}",)), **settings), invoker)), invoker


async def event_of(target: str, *routes: str, method: str = "GET", settings: Any = None, **options: Any) -> Any:
    gateway, invoker = rest(*routes, **(settings or {}))
    await gateway.request(method, target, **options)
    return invoker.last.event


async def test_the_whole_event() -> None:
    event = await event_of(
        "/Prod/id/a%20b/user/jacob?key=value&key=value2",
        "POST /id/{id}/user/{user}",
        method="POST",
        settings={"stage_variables": {"VarName": "varValue"}, "logical_id": "TheApi"},
        headers=[("x-many", "one"), ("X-Many", "two"), ("Cookie", "a=1; b=2"), ("User-Agent", "agent/1")],
        body=b"key=value",
    )
    context = event.pop("requestContext")
    headers = event.pop("headers")
    many = event.pop("multiValueHeaders")
    assert event == {
        "resource": "/id/{id}/user/{user}",
        "path": "/id/a%20b/user/jacob",
        "httpMethod": "POST",
        "queryStringParameters": {"key": "value2"},
        "multiValueQueryStringParameters": {"key": ["value", "value2"]},
        "pathParameters": {"id": "a%20b", "user": "jacob"},
        "stageVariables": {"VarName": "varValue"},
        "body": "key=value",
        "isBase64Encoded": False,
    }
    assert headers["x-many"] == "two"
    assert many["x-many"] == ["one", "two"]
    assert headers["Cookie"] == "a=1; b=2"
    assert (headers["X-Forwarded-Proto"], headers["X-Forwarded-Port"]) == ("http", "3000")
    assert many["X-Forwarded-For"] == ["203.0.113.7"]
    assert headers.keys() == many.keys()
    identity = context.pop("identity")
    assert (identity["sourceIp"], identity["userAgent"], identity["caller"]) == ("203.0.113.7", "agent/1", None)
    assert context.pop("requestTime").endswith(" +0000")
    assert context.pop("requestTimeEpoch") > 1_600_000_000_000
    assert len(context["requestId"]) == 36
    assert context.pop("extendedRequestId") == context.pop("requestId")
    assert context == {
        "accountId": "123456789012",
        "apiId": "TheApi",
        "deploymentId": "local",
        "domainName": "api.example.com",
        "domainPrefix": "api",
        "httpMethod": "POST",
        "path": "/Prod/id/a%20b/user/jacob",
        "protocol": "HTTP/1.1",
        "resourceId": "/id/{id}/user/{user}",
        "resourcePath": "/id/{id}/user/{user}",
        "stage": "Prod",
    }


async def test_headers_that_end_at_the_gateway_are_not_in_the_event() -> None:
    sent = {"connection": "keep-alive", "content-length": "2", "x-kept": "1"}
    event = await event_of("/x", method="POST", headers=sent, body=b"{}")
    assert not {"Connection", "Content-Length"} & (event["headers"].keys() | event["multiValueHeaders"].keys())
    assert event["headers"]["x-kept"] == "1"


async def test_header_names_are_as_they_were_sent_but_for_those_that_the_service_writes() -> None:
    sent = {"x-test-lower": "1", "auth_id": "2", "X-UPPER": "3", "user-agent": "4", "accept": "5", "AUTHORIZATION": "6"}
    headers = (await event_of("/x", headers=sent))["headers"]
    own = {"Host", "X-Amzn-Trace-Id", "X-Forwarded-For", "X-Forwarded-Port", "X-Forwarded-Proto"}
    named = {"x-test-lower", "auth_id", "X-UPPER", "User-Agent", "Accept", "Authorization"}
    assert headers.keys() == own | named


async def test_the_name_of_a_method_s_operation() -> None:
    gateway, invoker = rest(Route("GET", "/x", "Hello", "1.0", operation_name="ListThings"))
    await gateway.get("/x")
    assert invoker.last.event["requestContext"]["operationName"] == "ListThings"


async def test_what_has_no_value_is_null() -> None:
    event = await event_of("/x", "GET /x")
    for name in (
        "queryStringParameters",
        "multiValueQueryStringParameters",
        "pathParameters",
        "stageVariables",
        "body",
    ):
        assert event[name] is None
    assert event["path"] == event["requestContext"]["path"] == "/x"


@pytest.mark.parametrize(
    ("target", "path", "context_path"),
    [
        ("//Prod/moons", "/moons", "/Prod/moons"),
        ("/Prod//moons", "/moons", "/Prod//moons"),
        ("//moons", "/moons", "/moons"),
        ("/Prod/moons//titan/", "/moons//titan/", "/Prod/moons//titan/"),
    ],
)
async def test_slashes_in_front_of_the_path_are_not_in_the_event(target: str, path: str, context_path: str) -> None:
    event = await event_of(target)
    assert (event["path"], event["requestContext"]["path"]) == (path, context_path)
    assert event["pathParameters"] == {"proxy": path.strip("/")}


@pytest.mark.parametrize(
    ("binary_types", "content_type", "encoded"),
    [
        ((), "image/gif", False),
        (("image/gif",), "image/gif", True),
        (("image~1gif",), "image/gif; q=1", True),
        (("image/*",), "image/png", False),
        (("image/*",), "image/*", True),
        (("*/*",), "text/plain", True),
        (("image/gif",), "text/plain", False),
    ],
)
async def test_binary_media_types_decide_on_the_body(
    binary_types: tuple[str, ...], content_type: str, encoded: bool
) -> None:
    settings = {"binary_media_types": binary_types}
    event = await event_of(
        "/x", method="POST", settings=settings, headers={"content-type": content_type}, body=b"GIF87a"
    )
    assert event["isBase64Encoded"] is encoded
    assert event["body"] == (base64.b64encode(b"GIF87a").decode() if encoded else "GIF87a")


async def test_an_http_api_with_format_1_0() -> None:
    invoker = FakeInvoker(a_function(), answer=lambda event: PROBE)
    api = an_api("http", Route("GET", "/old/{x}", "Hello", payload_format="1.0"), stage="dev")
    await AsgiClient(create_app(api, invoker)).get(
        "/dev/old/a%20b?key=1&key=2", headers=[("x-many", "one"), ("x-many", "two")]
    )
    event = invoker.last.event
    assert event["version"] == "1.0"
    assert event["path"] == event["requestContext"]["path"] == "/dev/old/a b"
    assert event["resource"] == "/old/{x}"
    assert event["pathParameters"] == {"x": "a b"}
    assert event["headers"]["x-many"] == "one,two"
    assert event["queryStringParameters"] == {"key": "1"}


async def answer_of(answer: Any, headers: Any = (), **settings: Any) -> Any:
    gateway, _ = rest(answer=answer, **settings)
    return await gateway.get("/x", headers=headers)


async def test_a_response_with_many_values_to_a_header() -> None:
    response = await answer_of(
        {
            "statusCode": "200",
            "headers": {"Content-Type": "text/plain", "MyHeader": "Custom", "Other": "1"},
            "multiValueHeaders": {"MyHeader": ["Value1", "Value2"], "other": ["1", "2"]},
            "body": "hello",
        }
    )
    assert response.all("myheader") == ["Value1", "Value2", "Custom"]
    assert response.all("other") == ["1", "2"]
    assert response.header("content-type") == "text/plain"
    assert len(response.header("x-amzn-requestid") or "") == 36


async def test_defaults_of_a_response() -> None:
    response = await answer_of({"statusCode": 200})
    assert (response.status, response.body, response.header("content-type")) == (200, b"", "application/json")
    assert (await answer_of({"body": "no status"})).body == b"no status"
    assert (await answer_of({"statusCode": 200, "body": 42})).body == b"42"


@pytest.mark.parametrize(
    "result",
    [
        "This is invalid",
        None,
        ["a"],
        {"foo": "bar"},
        {"statusCode": 200, "unknown": 1},
        {"statusCode": "abc"},
        {"statusCode": 200, "body": {"a": 1}},
        {"statusCode": 200, "multiValueHeaders": {"a": "x"}},
    ],
)
async def test_a_malformed_response_is_a_bad_gateway(result: Any) -> None:
    response = await answer_of(result)
    assert (response.status, response.body) == (502, b'{"message": "Internal server error"}')
    assert response.header("x-amzn-errortype") == "InternalServerErrorException"


async def test_an_http_api_needs_a_status_code_in_format_1_0_and_forgives_other_keys() -> None:
    for result, status in (({"body": "x"}, 500), ({"statusCode": 200, "foo": 1}, 200)):
        invoker = FakeInvoker(a_function(), answer=lambda event, result=result: result)
        api = an_api("http", Route("GET", "/x", "Hello", payload_format="1.0"))
        assert (await AsgiClient(create_app(api, invoker)).get("/x")).status == status


@pytest.mark.parametrize(
    ("accept", "fields", "decoded"),
    [
        ("*/*", {"isBase64Encoded": True}, False),
        ("image/gif", {"isBase64Encoded": True}, True),
        ("image/gif, text/html", {"isBase64Encoded": True}, True),
        ("text/html, image/gif", {"isBase64Encoded": True}, False),
        ("image/gif", {"isBase64Encoded": False}, False),
        ("image/gif", {"base64Encoded": True}, True),
        ("image/gif", {"base64Encoded": False, "isBase64Encoded": True}, False),
        ("image/gif", {"base64Encoded": None, "isBase64Encoded": True}, True),
        ("image/gif", {"isBase64Encoded": "True"}, True),
        ("image/gif", {"isBase64Encoded": "false"}, False),
    ],
)
async def test_a_binary_response_is_decoded_for_those_who_accept_it(
    accept: str, fields: dict[str, Any], decoded: bool
) -> None:
    text = base64.b64encode(GIF).decode()
    answer = {"statusCode": 200, "headers": {"Content-Type": "image/gif"}, "body": text, **fields}
    response = await answer_of(answer, headers={"accept": accept}, binary_media_types=("image/gif",))
    assert response.body == (GIF if decoded else text.encode())


@pytest.mark.parametrize("flag", [0, 1, -1, "TRUE", "yes", []])
async def test_a_base64_flag_that_is_none_makes_a_malformed_response(flag: Any) -> None:
    for name in ("base64Encoded", "isBase64Encoded"):
        assert (await answer_of({"statusCode": 200, "body": "eA==", name: flag})).status == 502


async def test_a_base64_response_stays_text_without_binary_media_types() -> None:
    answer = {"statusCode": 200, "body": "R0lG", "isBase64Encoded": True}
    assert (await answer_of(answer)).body == b"R0lG"


@pytest.mark.parametrize(
    ("accept", "binary_types", "decoded"),
    [
        (None, ("image/gif",), False),
        ("*/*", ("image/gif",), False),
        ("*/*", ("*/*",), True),
        (None, ("*/*",), True),
        ("image/gif", ("image/*",), False),
        ("image/png", ("image/png",), True),
    ],
)
async def test_the_first_accepted_type_alone_decides_on_a_binary_response(
    accept: str | None, binary_types: tuple[str, ...], decoded: bool
) -> None:
    answer = {"statusCode": 200, "headers": {"Content-Type": "image/gif"}, "body": "R0lG", "isBase64Encoded": True}
    headers = {"accept": accept} if accept else {}
    response = await answer_of(answer, headers=headers, binary_media_types=binary_types)
    assert response.body == (b"GIF" if decoded else b"R0lG")


async def test_a_body_that_is_not_base64_is_an_internal_error() -> None:
    answer = {"statusCode": 200, "body": "no base64!", "isBase64Encoded": True}
    response = await answer_of(answer, headers={"accept": "image/gif"}, binary_media_types=("*/*",))
    assert (response.status, response.json()) == (500, {"message": "Internal server error"})


async def test_no_byte_of_a_body_that_is_not_utf_8_is_lost() -> None:
    body = b"\x1f\x8b\x08\xff"
    event = await event_of("/x", method="POST", headers={"content-type": "application/json"}, body=body)
    assert event["isBase64Encoded"]
    assert base64.b64decode(event["body"]) == body
