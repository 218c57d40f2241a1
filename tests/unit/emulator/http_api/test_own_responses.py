"""Gateway responses in an API's own words."""

from __future__ import annotations

from typing import Any

from lambda_emulator.http_api import create_app
from lambda_emulator.stack import Api, OwnResponse, Route
from support.gateway_doubles import AsgiClient, FakeInvoker, a_function

CORS = {"Access-Control-Allow-Origin": "'*'"}


def a_client(answer: Any = None, **responses: OwnResponse) -> AsgiClient:
    invoker = FakeInvoker(a_function(), answer=lambda event: answer)
    routes = (Route("GET", "/a", "Hello", "1.0"), Route("GET", "/keyed", "Hello", "1.0", api_key_required=True))
    return AsgiClient(create_app(Api("Api", "rest", routes, stage="Prod", responses=responses), invoker))


async def test_a_default_adds_headers_and_leaves_the_rest() -> None:
    client = a_client(DEFAULT_4XX=OwnResponse(headers=CORS))
    refused = await client.get("/keyed")
    assert (refused.status, refused.body) == (403, b'{"message": "Forbidden"}')
    assert refused.header("access-control-allow-origin") == "*"
    assert refused.header("x-amzn-errortype") == "ForbiddenException"
    assert (await client.get("/nowhere")).header("access-control-allow-origin") == "*"


async def test_the_very_type_wins_and_has_status_and_template_of_its_own() -> None:
    template = '{"m": $context.error.messageString, "t": "${context.error.responseType}", "x": "$other"}'
    own = OwnResponse(
        418,
        {"X-Origin": "method.request.header.Origin", "X-Kind": "context.error.responseType", "X-None": "context.none"},
        {"application/json": template},
    )
    client = a_client(DEFAULT_4XX=OwnResponse(headers=CORS), INVALID_API_KEY=own)
    refused = await client.get("/keyed", headers={"origin": "http://here"})
    assert refused.status == 418
    assert refused.body == b'{"m": "Forbidden", "t": "INVALID_API_KEY", "x": "$other"}'
    assert (refused.header("x-origin"), refused.header("x-kind")) == ("http://here", "INVALID_API_KEY")
    assert refused.header("x-none") is None
    assert refused.header("access-control-allow-origin") is None


async def test_a_template_of_another_type_is_sent_as_such() -> None:
    own = OwnResponse(templates={"text/html": "<p>$context.error.message in $context.stage</p>"})
    refused = await a_client(MISSING_AUTHENTICATION_TOKEN=own).get("/nowhere")
    assert refused.body == b"<p>Missing Authentication Token in Prod</p>"
    assert refused.header("content-type") == "text/html"


async def test_a_function_that_answers_wrongly_has_the_default_of_its_class() -> None:
    client = a_client("no response", DEFAULT_5XX=OwnResponse(headers=CORS))
    refused = await client.get("/a")
    assert (refused.status, refused.header("access-control-allow-origin")) == (502, "*")


async def test_the_answers_of_functions_are_their_own() -> None:
    client = a_client({"statusCode": 404, "body": "mine"}, DEFAULT_4XX=OwnResponse(400, CORS))
    answer = await client.get("/a")
    assert (answer.status, answer.body, answer.header("access-control-allow-origin")) == (404, b"mine", None)
