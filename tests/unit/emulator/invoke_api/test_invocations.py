"""Invoke, InvokeAsync and InvokeWithResponseStream on the wire."""

from __future__ import annotations

import base64
import gzip
import json
from typing import Any

import pytest

from lambda_emulator.invocation import ServiceClosedError, TooManyRequestsError
from lambda_emulator.invoke_api import LambdaApi, create_app
from support.gateway_doubles import AsgiClient, FakeInvoker, a_function, failure
from support.stacks import until

PATH = "/2015-03-31/functions/Hello/invocations"
OTHER = "/2015-03-31/functions/hello-fn%3Alive/invocations?Qualifier=x"
ID = "6f1c1b1e-0000-4000-8000-000000000001"


def make(**options: Any) -> tuple[AsgiClient, FakeInvoker, LambdaApi]:
    invoker = FakeInvoker(a_function("Hello", name="hello-fn", aliases=("live",)), **options)
    app = create_app(invoker)
    return AsgiClient(app), invoker, app


async def test_request_response() -> None:
    client, invoker, _ = make()
    response = await client.post(PATH, b'{"a": 1}', headers={"x-amzn-requestid": ID})
    assert (response.status, response.json()) == (200, {"a": 1})
    assert response.header("x-amz-executed-version") == "$LATEST"
    assert response.header("x-amzn-requestid") == ID == invoker.last.request_id
    assert response.header("x-amz-function-error") is None
    assert response.header("x-amz-log-result") is None


async def test_no_payload_is_an_empty_object() -> None:
    client, invoker, _ = make()
    assert (await client.post(PATH)).body == b"{}"
    assert invoker.last.payload == b"{}"


async def test_a_compressed_payload_is_refused_and_runs_nothing() -> None:
    client, invoker, _ = make()
    response = await client.post(PATH, gzip.compress(b"{}"), headers={"content-encoding": "gzip"})
    assert (response.status, response.header("x-amzn-errortype")) == (415, "UnsupportedMediaTypeException")
    assert "without Content-Encoding" in response.json()["message"]
    assert invoker.calls == []


async def test_a_function_error_is_a_success_with_a_header() -> None:
    client, _, _ = make(answer=lambda event: failure("no", "ValueError"))
    response = await client.post(PATH, headers={"x-amz-log-type": "Tail"})
    assert (response.status, response.header("x-amz-function-error")) == (200, "Unhandled")
    assert response.json()["errorType"] == "ValueError"
    assert base64.b64decode(response.header("x-amz-log-result") or "") == b"[ERROR]\n"


async def test_a_dry_run_runs_nothing() -> None:
    client, invoker, _ = make()
    response = await client.post(PATH, headers={"x-amz-invocation-type": "DryRun"})
    assert (response.status, response.body, invoker.calls) == (204, b"", [])


async def test_an_event_is_accepted_and_run_later() -> None:
    client, invoker, app = make()
    response = await client.post(PATH, b"[1]", headers={"x-amz-invocation-type": "Event", "x-amzn-requestid": ID})
    assert (response.status, response.body) == (202, b"")
    assert response.header("x-amz-executed-version") is None
    await app.close()
    assert (invoker.last.event, invoker.last.request_id) == ([1], ID)


async def test_invoke_async_is_the_same_by_an_older_name() -> None:
    client, invoker, app = make()
    response = await client.post("/2014-11-13/functions/Hello/invoke-async/", b"{}")
    assert (response.status, response.json()) == (202, {"Status": 202})
    await app.close()
    assert invoker.last.event == {}


@pytest.mark.parametrize(
    ("reference", "query", "qualifier"),
    [
        ("hello-fn", "", None),
        ("hello-fn:live", "", "live"),
        ("hello-fn", "?Qualifier=live", "live"),
        ("hello-fn", "?Qualifier=%24LATEST", "$LATEST"),
        ("123456789012:function:hello-fn", "", None),
        ("arn%3Aaws%3Alambda%3Aus-east-1%3A123456789012%3Afunction%3Ahello-fn%3Alive", "", "live"),
        ("arn:aws:lambda:us-east-1:123456789012:function:hello-fn", "?Qualifier=live", "live"),
    ],
)
async def test_every_way_to_name_a_function(reference: str, query: str, qualifier: str | None) -> None:
    client, invoker, app = make()
    for kind in ("RequestResponse", "Event"):
        path = f"/2015-03-31/functions/{reference}/invocations{query}"
        response = await client.post(path, headers={"x-amz-invocation-type": kind})
        assert response.status in (200, 202)
    await app.close()
    assert invoker.calls[1].qualifier == qualifier


async def test_the_client_context_is_decoded() -> None:
    client, invoker, _ = make()
    context = base64.b64encode(b'{"custom": {"a": "b"}}').decode()
    await client.post(PATH, headers={"x-amz-client-context": context})
    assert json.loads(invoker.last.client_context or "") == {"custom": {"a": "b"}}


@pytest.mark.parametrize("kind", ["RequestResponse", "Event"])
async def test_a_tenant_is_named_by_a_header_and_checked(kind: str) -> None:
    invoker = FakeInvoker(a_function("Hello", name="hello-fn", tenant_isolation=True), a_function("Plain"))
    client = AsgiClient(create_app(invoker))
    headers = {"x-amz-invocation-type": kind}
    assert (await client.post(PATH, headers={**headers, "x-amz-tenant-id": "blue 1"})).status in (200, 202)
    await until(lambda: bool(invoker.calls))
    assert invoker.last.tenant_id == "blue 1"
    plain = PATH.replace("Hello", "Plain")
    for path, tenant, said in (
        (PATH, {}, "Add a valid tenant ID"),
        ("/2014-11-13/functions/Hello/invoke-async/", {}, "Add a valid tenant ID"),
        (PATH, {"x-amz-tenant-id": "blue;1"}, "at 'tenantId' failed to satisfy constraint"),
        (plain, {"x-amz-tenant-id": "blue"}, "Remove the tenant ID"),
    ):
        response = await client.post(path, headers={**headers, **tenant})
        assert response.status == 400
        assert said in response.body.decode()


@pytest.mark.parametrize(
    ("path", "headers", "body", "status", "code", "text"),
    [
        (PATH, {}, b"notat:asdfasdf", 400, "InvalidRequestContentException", "into json: Could not parse payload into"),
        (PATH, {"content-type": "text/plain"}, b"{}", 415, "UnsupportedMediaTypeException", "text/plain"),
        (PATH, {"x-amz-invocation-type": "Later"}, b"", 400, "ValidationException", "invocationType"),
        (PATH, {"x-amz-log-type": "Head"}, b"", 400, "ValidationException", "logType"),
        (PATH, {"x-amz-client-context": "?"}, b"", 400, "InvalidRequestContentException", "Base64"),
        (PATH, {"x-amz-client-context": "W10="}, b"", 400, "InvalidRequestContentException", "Base64"),
        (PATH, {"x-amz-client-context": "e" * 3584}, b"", 400, "InvalidRequestContentException", "3583"),
        (PATH, {"x-amzn-requestid": "1"}, b"", 400, "InvalidRequestContentException", "UUID"),
        (PATH, {}, b"1" * 6_291_457, 413, "RequestTooLargeException", "6291456"),
        (PATH, {}, b"1" * 7_000_000, 413, "RequestTooLargeException", "6291456"),
        (PATH, {"x-amz-invocation-type": "Event"}, b"1" * 1_048_577, 413, "RequestTooLargeException", "1048576"),
        (f"{PATH}?Qualifier=old", {}, b"", 404, "ResourceNotFoundException", "function:Hello:old"),
        ("/2015-03-31/functions/x/invocations", {}, b"", 404, "ResourceNotFoundException", "function:x"),
        ("/2015-03-31/functions/a%20b/invocations", {}, b"", 400, "ValidationException", "'a b' at 'functionName'"),
        ("/2015-03-31/functions/x:%24latest/invocations", {}, b"", 400, "ValidationException", "at 'functionName'"),
        (f"{PATH}?Qualifier=a.b", {}, b"", 400, "ValidationException", "Value 'a.b' at 'qualifier'"),
        (OTHER, {}, b"", 400, "InvalidParameterValueException", "derived qualifier"),
        ("/2015-03-31/layers/x", {}, b"", 501, "NotImplemented", "template"),
        ("/nothing", {}, b"", 404, "UnknownOperationException", "not a call"),
    ],
)  # fmt: skip
async def test_errors(path: str, headers: Any, body: bytes, status: int, code: str, text: str) -> None:
    client, invoker, _ = make()
    response = await client.post(path, body, headers=headers)
    assert (response.status, response.header("x-amzn-errortype")) == (status, code)
    content = response.json()
    assert text in content.get("Message", content.get("message"))
    assert content["Type"] in ("User", "LocalService")
    assert invoker.calls == []


async def test_a_throttled_call_says_why() -> None:
    reason = "ReservedFunctionConcurrentInvocationLimitExceeded"
    client, _, _ = make(answer=lambda event: TooManyRequestsError(reason))
    response = await client.post(PATH)
    assert (response.status, response.header("x-amzn-errortype")) == (429, "TooManyRequestsException")
    assert response.json() == {"Type": "User", "message": "Rate Exceeded.", "Reason": reason}


async def test_a_runtime_that_closes_is_unavailable() -> None:
    client, _, _ = make(answer=lambda event: ServiceClosedError())
    assert (await client.post(PATH)).status == 503


async def test_a_fault_inside_shows_no_detail(caplog: pytest.LogCaptureFixture) -> None:
    client, _, _ = make(answer=lambda event: RuntimeError("inner secret"))
    response = await client.post(PATH)
    assert (response.status, response.header("x-amzn-errortype")) == (500, "ServiceException")
    assert b"inner secret" not in response.body
    assert "inner secret" in caplog.text


async def test_a_client_that_hangs_up_is_forgotten() -> None:
    client, invoker, _ = make()
    assert not await client.hang_up("POST", PATH, b"{")
    assert invoker.calls == []


async def test_the_root_tells_that_the_service_is_there() -> None:
    client, _, _ = make()
    assert (await client.get("/health")).json() == {"status": "ok", "functions": ["hello-fn"]}
