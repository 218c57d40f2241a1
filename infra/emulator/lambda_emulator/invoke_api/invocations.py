"""Invoke, InvokeAsync and InvokeWithResponseStream.

Mirrors the pages of these three calls in the Lambda API Reference, and "Lambda quotas" for the sizes.
"""

from __future__ import annotations

import base64
import binascii
import re
import uuid
from typing import Protocol

import orjson

from lambda_emulator.asgi import JSON_TYPE, HeaderList, Reply
from lambda_emulator.invocation import (
    InvocationResult,
    Invoker,
    ServiceClosedError,
    TenantError,
    TooManyRequestsError,
    check_tenant,
)
from lambda_emulator.invoke_api.asynchronous import AsyncQueue
from lambda_emulator.invoke_api.event_stream import encode_message
from lambda_emulator.invoke_api.references import called_function
from lambda_emulator.invoke_api.router import Router
from lambda_emulator.invoke_api.wire import (
    Call,
    InvalidParameterValueError,
    InvalidRequestContentError,
    RequestTooLargeError,
    ThrottledError,
    UnavailableError,
    UnsupportedMediaTypeError,
    ValidationError,
)
from lambda_emulator.stack import Function

MAX_REQUEST = 6_291_456  # bytes
MAX_ASYNC_REQUEST = 1_048_576  # bytes
MAX_CLIENT_CONTEXT = 3_583  # bytes of base64
_TYPES = ("Event", "RequestResponse", "DryRun")
_LOG_TYPES = ("None", "Tail")
_TENANT_ID = re.compile(r"[a-zA-Z0-9._:/=+\-@ ]{1,256}")
# What curl and SDKs send without being told; everything else that is not JSON is refused.
_UNSPECIFIC_TYPES = frozenset(
    {"", "application/x-www-form-urlencoded", "application/octet-stream", "binary/octet-stream"}
)
_EXECUTION_ARN = b"x-amz-durable-execution-arn"
_STREAM_TYPE = (b"content-type", b"application/vnd.amazon.eventstream")


class Executions(Protocol):
    """Starts executions of durable functions. ``durable.DurableService`` is the real one."""

    async def start(
        self, function: Function, payload: bytes, *, qualifier: str | None = None, name: str | None = None
    ) -> str:
        """Start one and give its ARN. Raises ApiError."""

    async def wait(self, arn: str, request_id: str) -> InvocationResult:
        """What the execution comes to. Raises ApiError."""


class Invocations:
    """The handlers of the three calls."""

    def __init__(self, invoker: Invoker, queue: AsyncQueue, durable: Executions | None = None) -> None:
        self._durable = durable
        self._invoker = invoker
        self._queue = queue

    def router(self) -> Router:
        router = Router()
        router.add("POST", "/2015-03-31/functions/{FunctionName}/invocations", self.invoke)
        router.add("POST", "/2014-11-13/functions/{FunctionName}/invoke-async", self.invoke_async)
        router.add("POST", "/2021-11-15/functions/{FunctionName}/response-streaming-invocations", self.invoke_streaming)
        return router

    async def invoke(self, call: Call) -> Reply:
        kind = _choice(call, "x-amz-invocation-type", "invocationType", _TYPES, "RequestResponse")
        wants_log = _choice(call, "x-amz-log-type", "logType", _LOG_TYPES, "None") == "Tail"
        function, qualifier = called_function(self._invoker, call)
        if kind == "DryRun":
            return Reply(204)
        payload = _payload(call, MAX_ASYNC_REQUEST if kind == "Event" else MAX_REQUEST)
        context = _client_context(call)
        tenant_id = _tenant_id(call, function)
        if function.durable and self._durable:
            name = call.headers.get("x-amz-durable-execution-name")
            arn = await self._durable.start(function, payload, qualifier=qualifier, name=name)
            if kind == "Event":
                return Reply(202, headers=[(_EXECUTION_ARN, arn.encode())])
            result = await self._durable.wait(arn, call.request_id)
            return self._reply(result, wants_log=wants_log)
        if kind == "Event":
            self._queue.put(
                function, payload, call.request_id, qualifier=qualifier, client_context=context, tenant_id=tenant_id
            )
            return Reply(202)
        return self._reply(await self._run(call, payload, qualifier, context), wants_log=wants_log)

    @staticmethod
    def _reply(result: InvocationResult, *, wants_log: bool) -> Reply:
        headers: HeaderList = [JSON_TYPE, (b"x-amz-executed-version", result.executed_version.encode())]
        if result.function_error:
            headers.append((b"x-amz-function-error", result.function_error.encode()))
        if wants_log:
            headers.append((b"x-amz-log-result", base64.b64encode(result.log_tail)))
        if result.durable_execution_arn:
            headers.append((_EXECUTION_ARN, result.durable_execution_arn.encode()))
        return Reply(200, result.payload, headers)

    async def invoke_async(self, call: Call) -> Reply:
        """The call that Invoke replaced long ago."""
        function, _ = called_function(self._invoker, call)
        self._queue.put(
            function, _payload(call, MAX_ASYNC_REQUEST), call.request_id, tenant_id=_tenant_id(call, function)
        )
        return Reply(202, b'{"Status":202}', [JSON_TYPE])

    async def invoke_streaming(self, call: Call) -> Reply:
        """The managed Python runtime cannot stream, so on AWS too the whole result comes in one piece."""
        kind = _choice(
            call, "x-amz-invocation-type", "invocationType", ("RequestResponse", "DryRun"), "RequestResponse"
        )
        wants_log = _choice(call, "x-amz-log-type", "logType", _LOG_TYPES, "None") == "Tail"
        function, qualifier = called_function(self._invoker, call)
        if kind == "DryRun":
            return Reply(204)
        _tenant_id(call, function)
        result = await self._run(call, _payload(call, MAX_REQUEST), qualifier, _client_context(call))
        complete: dict[str, str] = {}
        if result.function_error:
            complete = {"ErrorCode": result.function_error, "ErrorDetails": result.payload.decode(errors="replace")}
        if wants_log:
            complete["LogResult"] = base64.b64encode(result.log_tail).decode()
        chunks = [] if result.function_error else [encode_message("PayloadChunk", result.payload)]
        chunks.append(encode_message("InvokeComplete", orjson.dumps(complete), "application/json"))
        headers = [_STREAM_TYPE, (b"x-amz-executed-version", result.executed_version.encode())]
        return Reply(200, b"".join(chunks), headers)

    async def _run(
        self, call: Call, payload: bytes, qualifier: str | None, client_context: str | None
    ) -> InvocationResult:
        try:
            return await self._invoker.invoke(
                call.parameters["FunctionName"],
                payload,
                qualifier=qualifier,
                client_context=client_context,
                request_id=call.request_id,
                trace_id=call.headers.get("x-amzn-trace-id"),
                tenant_id=call.headers.get("x-amz-tenant-id"),
            )
        except TooManyRequestsError as error:
            raise ThrottledError("Rate Exceeded.", reason=error.reason) from None
        except ServiceClosedError:
            raise UnavailableError("The local runtime is shutting down.") from None


def client_request_id(headers: dict[str, str]) -> str:
    """The id that the caller gave the request, or a new one. Raises InvalidRequestContentError."""
    given = headers.get("x-amzn-requestid")
    if given is None:
        return str(uuid.uuid4())
    if not re.fullmatch(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", given):
        raise InvalidRequestContentError("x-amzn-RequestId must be a valid UUID string.")
    return given


def _choice(call: Call, header: str, name: str, allowed: tuple[str, ...], default: str) -> str:
    value = call.headers.get(header, default)
    if value not in allowed:
        raise ValidationError(
            f"1 validation error detected: Value '{value}' at '{name}' failed to satisfy constraint: "
            f"Member must satisfy enum value set: [{', '.join(allowed)}]"
        )
    return value


def _payload(call: Call, limit: int) -> bytes:
    """The event, checked; an empty body is an empty object."""
    media_type = call.headers.get("content-type", "").partition(";")[0].strip().lower()
    if "json" not in media_type and media_type not in _UNSPECIFIC_TYPES:
        raise UnsupportedMediaTypeError(f"Unsupported content type: {media_type}")
    if len(call.body) > limit:
        raise too_large(limit)
    if not call.body:
        return b"{}"
    try:
        orjson.loads(call.body)
    except orjson.JSONDecodeError as error:
        raise InvalidRequestContentError(
            f"Could not parse request body into json: Could not parse payload into json: {error}"
        ) from None
    return call.body


def _tenant_id(call: Call, function: Function) -> str | None:
    """The tenant that the call is for. Raises InvalidParameterValueError, ValidationError."""
    tenant_id = call.headers.get("x-amz-tenant-id")
    if tenant_id is not None and not _TENANT_ID.fullmatch(tenant_id):
        raise ValidationError(
            f"1 validation error detected: Value '{tenant_id}' at 'tenantId' failed to satisfy constraint: "
            f"Member must satisfy regular expression pattern: {_TENANT_ID.pattern}"
        )
    try:
        check_tenant(function, tenant_id)
    except TenantError as error:
        raise InvalidParameterValueError(str(error)) from None
    return tenant_id


def too_large(limit: int) -> RequestTooLargeError:
    """The error for a payload over the limit, in Lambda's words."""
    return RequestTooLargeError(f"Request must be smaller than {limit} bytes for the InvokeFunction operation")


def _client_context(call: Call) -> str | None:
    """The JSON text of ``X-Amz-Client-Context``."""
    encoded = call.headers.get("x-amz-client-context")
    if encoded is None:
        return None
    if len(encoded) > MAX_CLIENT_CONTEXT:
        raise InvalidRequestContentError(f"Client context must be at most {MAX_CLIENT_CONTEXT} bytes long.")
    try:
        text = base64.b64decode(encoded, validate=True).decode()
        if not isinstance(orjson.loads(text), dict):
            raise ValueError
    except (binascii.Error, ValueError):
        raise InvalidRequestContentError("Client context must be a valid Base64-encoded JSON object.") from None
    return text
