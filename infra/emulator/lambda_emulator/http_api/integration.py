"""From a request that may be answered to the function's reply: event in, invocation, response out.

Mirrors "Troubleshooting issues with HTTP API Lambda integrations" and, for REST APIs, "Handle Lambda errors in API
Gateway": whatever goes wrong behind the API is a 5xx without details; the details go to the log.
"""

from __future__ import annotations

import asyncio
import logging

import orjson

from lambda_emulator.asgi import Reply, json_reply
from lambda_emulator.http_api import payload_v1, payload_v2
from lambda_emulator.http_api.exchange import Exchange
from lambda_emulator.http_api.gateway_responses import GatewayResponse, gateway_reply
from lambda_emulator.http_api.mapping.mapped import mapped_reply
from lambda_emulator.http_api.results import BadBase64Error, BadResponseError
from lambda_emulator.invocation import (
    FunctionNotFoundError,
    InvocationResult,
    Invoker,
    ServiceClosedError,
    TenantError,
    TooManyRequestsError,
)

MAX_EVENT = 6_291_456  # bytes; Lambda's request limit, a hundred less than its response limit

_LOG = logging.getLogger(__name__)


class Integration:
    """Calls the functions behind the routes."""

    def __init__(self, invoker: Invoker) -> None:
        self._invoker = invoker

    async def reply(self, exchange: Exchange) -> Reply:
        """The function's reply, or the API's own where there is none."""
        api, route = exchange.api, exchange.route
        if route.mapped is not None:
            return await mapped_reply(exchange, route.mapped, lambda event: self._invoke(exchange, event))
        use_v2 = route.payload_format == "2.0" and api.kind != "rest"
        event = orjson.dumps((payload_v2 if use_v2 else payload_v1).build_event(exchange))
        result = await self._invoke(exchange, event)
        if isinstance(result, Reply):
            return result
        if result.function_error:
            return gateway_reply(api.kind, GatewayResponse.FUNCTION_FAILED)
        try:
            if not use_v2:
                return payload_v1.read_response(result.payload, exchange)
            default_type = b"text/plain; charset=utf-8" if api.kind == "http" else b"application/json"
            return payload_v2.read_response(result.payload, default_type=default_type)
        except BadResponseError as error:
            _LOG.error("%s: the response of %s is malformed: %s", route.key, route.function, error)
            malformed = isinstance(error, BadBase64Error)
            return gateway_reply(api.kind, GatewayResponse.BAD_BASE64 if malformed else GatewayResponse.BAD_RESPONSE)

    async def _invoke(self, exchange: Exchange, event: bytes) -> InvocationResult | Reply:
        """What the function came to, or the API's own reply where it was not run."""
        api, route = exchange.api, exchange.route
        if len(event) > MAX_EVENT:
            return gateway_reply(api.kind, GatewayResponse.EVENT_TOO_LARGE)
        try:
            # Only the waiting ends with the timeout: the function runs on to its own end, as on AWS.
            async with asyncio.timeout(route.timeout_seconds):
                return await self._invoker.invoke(
                    route.function, event, trace_id=exchange.request.trace_id, tenant_id=self._tenant_id(exchange)
                )
        except TimeoutError:
            _LOG.warning("%s: no answer from %s in %g s", route.key, route.function, route.timeout_seconds)
            return gateway_reply(api.kind, GatewayResponse.TIMED_OUT)
        except TooManyRequestsError as error:
            _LOG.warning("%s: %s is throttled: %s", route.key, route.function, error.reason)
            return gateway_reply(api.kind, GatewayResponse.THROTTLED)
        except TenantError as error:
            return json_reply(400, {"message": str(error)})  # the text of Lambda, which a REST API passes on
        except FunctionNotFoundError:
            _LOG.error("%s: there is no function %s in the template", route.key, route.function)
            return gateway_reply(api.kind, GatewayResponse.NO_FUNCTION)
        except ServiceClosedError:
            return gateway_reply(api.kind, GatewayResponse.CLOSING)

    def _tenant_id(self, exchange: Exchange) -> str | None:
        """The request's tenant. Here the client's header reaches Lambda without a mapping, where Lambda wants it."""
        tenant_id = exchange.request.headers.get("x-amz-tenant-id")
        if tenant_id is None:  # most requests: no function is looked up for them
            return None
        return tenant_id if self._invoker.resolve(exchange.route.function).tenant_isolation else None
