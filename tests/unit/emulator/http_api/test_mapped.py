"""Integrations of REST APIs that are no proxies: mocks, and functions behind mapping templates."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lambda_emulator.http_api import create_app
from lambda_emulator.http_api.mapping import json_path
from lambda_emulator.http_api.mapping.variables import Util
from lambda_emulator.stack import IntegrationResponse, MappedIntegration, Route
from support.gateway_doubles import AsgiClient, FakeInvoker, Response, a_function, an_api, failure

OK = IntegrationResponse(200)


def gateway_of(
    mapped: MappedIntegration, answer: Any = None, path: str = "/pets/{id}"
) -> tuple[AsgiClient, FakeInvoker]:
    invoker = FakeInvoker(a_function(), answer=lambda event: answer)
    route = Route("ANY", path, "" if mapped.kind == "mock" else "Hello", "1.0", mapped=mapped)
    api = an_api("rest", route, stage_variables={"colour": "blue"})
    return AsgiClient(create_app(api, invoker)), invoker


async def rendered(template: str, body: bytes = b"", target: str = "/pets/7?q=a%20b", **headers: str) -> Any:
    """The event that a request template makes."""
    gateway, invoker = gateway_of(MappedIntegration("aws", {"application/json": template}, responses=(OK,)))
    response = await gateway.post(target, body, headers={name.replace("_", "-"): v for name, v in headers.items()})
    assert response.status == 200, response.body
    return invoker.last.event


async def test_a_preflight_written_by_hand() -> None:
    mock = MappedIntegration(
        "mock",
        {"application/json": '{"statusCode": 200}'},
        responses=(
            IntegrationResponse(
                200,
                parameters={
                    "method.response.header.Access-Control-Allow-Origin": "'*'",
                    "method.response.header.Access-Control-Allow-Headers": "'Content-Type,X-Api-Key'",
                },
                templates={"application/json": ""},
            ),
        ),
    )
    gateway, invoker = gateway_of(mock)
    response = await gateway.request("OPTIONS", "/pets/1", headers={"origin": "https://a.example"})
    assert (response.status, response.body, invoker.calls) == (200, b"", [])
    assert response.header("access-control-allow-origin") == "*"
    assert response.header("access-control-allow-headers") == "Content-Type,X-Api-Key"
    assert response.header("content-type") == "application/json"


async def test_a_mock_chooses_its_answer_by_the_status_that_its_template_gives() -> None:
    template = "{#if($input.params('scope') == 'internal')\"statusCode\": 200#else\"statusCode\": 500#end}"
    found = IntegrationResponse(200, "200", templates={"application/json": '{"id": "$input.params("id")"}'})
    other = IntegrationResponse(500, r"5\d{2}", templates={"application/json": '{"message": "private"}'})
    gateway, _ = gateway_of(MappedIntegration("mock", {"application/json": template}, responses=(found, other)))
    response = await gateway.get("/pets/7?scope=internal")
    assert (response.status, response.json()) == (200, {"id": "7"})
    response = await gateway.get("/pets/7")
    assert (response.status, response.json()) == (500, {"message": "private"})


@pytest.mark.parametrize("template", ["{}", "{statusCode}", "$input.path('$[')"])
async def test_a_mock_that_gives_no_status_is_an_internal_error(template: str) -> None:
    gateway, _ = gateway_of(MappedIntegration("mock", {"application/json": template}, responses=(OK,)))
    response = await gateway.get("/pets/7")
    assert (response.status, response.json()) == (500, {"message": "Internal server error"})


@pytest.mark.parametrize(
    ("template", "event"),
    [
        ('{"id": "$input.params(\'id\')", "q": "$input.params().querystring.q"}', {"id": "7", "q": "a b"}),
        ('{"h": "$input.params().header.get(\'x-one\')"}', {"h": "1"}),
        ("{\"all\": $input.json('$'), \"n\": $input.json('$.pets[0].n')}", {"all": {"pets": [{"n": 1}]}, "n": 1}),
        (
            '{"none": "$input.path(\'$.none\')$nothing", "size": $input.path(\'$.pets\').size()}',
            {"none": "", "size": 1},
        ),
        ('{"m": "$context.httpMethod", "s": "$stageVariables.colour"}', {"m": "POST", "s": "blue"}),
        ('{"ip": "$context.identity.sourceIp", "u": "$context.identity.user"}', {"ip": "203.0.113.7", "u": ""}),
        ('{"b": "$util.base64Encode($input.body)"}', {"b": "eyJwZXRzIjogW3sibiI6IDF9XX0="}),
        ('{"t": $util.parseJson(\'{"a": true}\').a}', {"t": True}),
        (
            "#set($r = $input.path('$'))[#foreach($p in $r.pets){\"n\": $p.n}#if($foreach.hasNext),#end#end]",
            [{"n": 1}],
        ),
        (
            '#set($p = $input.params().path){#foreach($k in $p.keySet())"$k": "$util.urlEncode($p.get($k))"#end}',
            {"id": "7"},
        ),
        ("plain = no", None),
    ],
)
async def test_what_a_request_template_makes(template: str, event: Any) -> None:
    if event is None:
        gateway, invoker = gateway_of(MappedIntegration("aws", {"application/json": template}, responses=(OK,)))
        response = await gateway.post("/pets/7")
        assert (response.status, invoker.calls) == (400, [])
        assert response.json()["message"].startswith("Could not parse request body into json")
        return
    assert await rendered(template, b'{"pets": [{"n": 1}]}', x_one="1") == event


@pytest.mark.parametrize(
    ("passthrough", "templates", "status"),
    [
        ("WHEN_NO_MATCH", {"application/xml": "{}"}, 200),
        ("WHEN_NO_TEMPLATES", {"application/xml": "{}"}, 415),
        ("WHEN_NO_TEMPLATES", {}, 200),
        ("NEVER", {}, 415),
    ],
)
async def test_a_type_without_a_template_is_passed_on_or_refused(passthrough: Any, templates: Any, status: int) -> None:
    gateway, invoker = gateway_of(MappedIntegration("aws", templates, passthrough, (OK,)), {"a": 1})
    response = await gateway.post("/pets/7", b'{"x": "y"}', headers={"content-type": "application/json"})
    assert response.status == status
    assert [call.event for call in invoker.calls] == ([{"x": "y"}] if status == 200 else [])
    expected = {"a": 1} if status == 200 else {"message": "Unsupported Media Type"}
    assert response.json() == expected


async def test_no_body_and_no_template_is_an_empty_event() -> None:
    gateway, invoker = gateway_of(MappedIntegration("aws", responses=(OK,)), "text")
    response = await gateway.get("/pets/7")
    assert (response.body, response.header("content-type")) == (b'"text"', "application/json")
    assert invoker.last.event == {}


async def failed_with(message: str) -> Response:
    responses = (
        OK,
        IntegrationResponse(
            404,
            ".*not found.*",
            {"method.response.header.X-Why": "integration.response.body.errorType"},
            {"application/json": "{\"m\": $input.json('$.errorMessage')}"},
        ),
    )
    gateway, _ = gateway_of(MappedIntegration("aws", responses=responses), failure(message))
    return await gateway.get("/pets/7")


async def test_the_pattern_that_matches_the_error_chooses_the_answer() -> None:
    response = await failed_with("pet not found\nat all")
    assert (response.status, response.json()) == (404, {"m": "pet not found\nat all"})
    assert response.header("x-why") == "ValueError"
    response = await failed_with("other")
    assert (response.status, response.json()["errorMessage"]) == (200, "other")


async def test_without_a_default_answer_an_unmatched_result_is_an_internal_error() -> None:
    gateway, _ = gateway_of(MappedIntegration("aws", responses=(IntegrationResponse(400, "bad"),)), {"fine": 1})
    assert (await gateway.get("/pets/7")).status == 500


async def test_a_template_may_override_status_and_headers() -> None:
    template = "#set($context.responseOverride.status = 418)#set($context.responseOverride.header.Tea = 'pot'){}"
    chosen = IntegrationResponse(
        200, parameters={"method.response.header.Tea": "'no'"}, templates={"application/json": template}
    )
    gateway, _ = gateway_of(MappedIntegration("aws", responses=(chosen,)), {})
    response = await gateway.get("/pets/7")
    assert (response.status, response.all("tea")) == (418, ["pot"])


async def test_the_client_s_accept_chooses_among_templates() -> None:
    templates = {"application/json": "{}", "application/xml": "<a/>"}
    gateway, _ = gateway_of(MappedIntegration("aws", responses=(IntegrationResponse(200, templates=templates),)), {})
    for accept, body in (("application/xml", b"<a/>"), ("text/html, */*", b"{}"), ("", b"{}")):
        response = await gateway.get("/pets/7", headers={"accept": accept})
        assert response.body == body


@pytest.mark.parametrize(
    ("expression", "found"),
    [
        ("$", {"a": [{"b": 1}, {"b": 2}], "c d": True}),
        ("$.a[1].b", 2),
        ("$.a[-1].b", 2),
        ("$['c d']", True),
        ("$.a[*].b", [1, 2]),
        ("$..b", [1, 2]),
        ("$.none.x", None),
        ("a[0]", {"b": 1}),
    ],
)
def test_json_paths(expression: str, found: Any) -> None:
    assert json_path.find({"a": [{"b": 1}, {"b": 2}], "c d": True}, expression) == found


def test_text_is_escaped_as_javascript() -> None:
    text = 'it\'s "a"/\\\n é \U0001f600'
    escaped = Util().escapeJavaScript(text)
    assert escaped == 'it\\\'s \\"a\\"\\/\\\\\\n \\u00E9 \\uD83D\\uDE00'
    assert json.loads(f'"{escaped}"'.replace("\\'", "'")) == text
