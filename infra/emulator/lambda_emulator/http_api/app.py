"""The ASGI application that plays API Gateway: limits, route, CORS, authorizer, function, reply.

Mirrors "Amazon API Gateway quotas and important notes" for the limits. It is plain ASGI, without a framework, since
it stands before every request.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from lambda_emulator.asgi import (
    BodyTooLargeError,
    ClientDisconnectedError,
    Receive,
    Reply,
    Scope,
    Send,
    json_reply,
    read_body,
    send_reply,
)
from lambda_emulator.http_api import cors
from lambda_emulator.http_api.api_keys import ApiKeys
from lambda_emulator.http_api.authorizers import Authorizer, NotAuthorizedError, build_authorizers
from lambda_emulator.http_api.directory import Directory, Located
from lambda_emulator.http_api.exchange import Exchange
from lambda_emulator.http_api.gateway_responses import GatewayResponse, gateway_reply
from lambda_emulator.http_api.integration import MAX_EVENT, Integration
from lambda_emulator.http_api.message import Request, long_request_id
from lambda_emulator.http_api.own_responses import reworded
from lambda_emulator.http_api.resource_policy import ResourcePolicy
from lambda_emulator.http_api.static_files import StaticFiles
from lambda_emulator.http_api.throttling import RouteThrottles
from lambda_emulator.http_api.validation import Validator
from lambda_emulator.invocation import Invoker
from lambda_emulator.stack import Api

# Told of every answered request: method, path with query, status, seconds.
RequestListener = Callable[[str, str, int, float], None]

MAX_BODY = 10 * 1024 * 1024  # bytes
MAX_HEAD = 10_240  # bytes of request line and headers

_LOG = logging.getLogger(__name__)


class Gateway:
    """All APIs of a stack behind one ASGI callable."""

    def __init__(
        self,
        apis: Sequence[Api],
        invoker: Invoker,
        *,
        static_dir: Path | None = None,
        enforce_authorizers: bool = True,
        on_request: RequestListener | None = None,
        source_ip: str | None = None,
    ) -> None:
        self._source_ip = source_ip  # of callers on this machine
        self._directory = Directory(apis)
        self._integration = Integration(invoker)
        self._authorizers: dict[str, dict[str, Authorizer]] = {}
        if enforce_authorizers:
            self._authorizers = {api.logical_id: build_authorizers(api, invoker) for api in apis}
        self._validators = {
            (api.logical_id, route.key): Validator(route.validation)
            for api in apis
            for route in api.routes
            if route.validation
        }
        self._throttles = {api.logical_id: RouteThrottles(api.throttles) for api in apis if api.throttles}
        self._api_keys: dict[str, ApiKeys] = {}
        self._policies: dict[str, ResourcePolicy] = {}
        if enforce_authorizers:
            self._policies = {api.logical_id: ResourcePolicy(api.policy) for api in apis if api.policy}
            keyed = (api for api in apis if any(route.api_key_required for route in api.routes))
            self._api_keys = {api.logical_id: ApiKeys(api) for api in keyed}
        self._static = StaticFiles(static_dir) if static_dir else None
        self._on_request = on_request

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            raise RuntimeError(f"a {scope['type']} connection cannot be served")
        started = time.perf_counter()
        try:
            reply = await self._answer(Request(scope, self._source_ip), scope, receive)
        except ClientDisconnectedError:
            return
        except Exception:
            _LOG.exception("%s %s failed inside the gateway", scope["method"], scope["path"])
            reply = json_reply(500, {"message": "Internal Server Error"})
        await send_reply(send, reply)
        if self._on_request:
            query = scope["query_string"]
            target = scope["raw_path"] + b"?" + query if query else scope["raw_path"]
            self._on_request(scope["method"], target.decode("latin-1"), reply.status, time.perf_counter() - started)

    async def _answer(self, request: Request, scope: Scope, receive: Receive) -> Reply:
        located = self._directory.locate(request.method, request.path, request.raw_path)
        if located is None or located.match.route.path == "$default":
            own = self._without_function(request, located)
            if own is not None:
                return own
        assert located is not None
        api, route = located.mount.api, located.match.route
        exchange = Exchange.begin(request, api, route, located.prefix, located.match.parameters)
        if api.cors and request.method == "OPTIONS" and self._is_preflight(request, located):
            return cors.preflight(api, api.cors, request)
        reply = await self._serve(exchange, scope, receive)
        reply = reworded(api, reply, request, exchange.request_id)
        if api.cors:
            cors.apply(api.cors, request, reply)
        if api.kind == "http":
            reply.headers.append((b"apigw-requestid", exchange.request_id.encode()))
        else:
            reply.headers.append((b"x-amzn-requestid", exchange.request_id.encode()))
            reply.headers.append((b"x-amzn-trace-id", request.trace_id.encode("latin-1")))
        return reply

    def _without_function(self, request: Request, located: Located | None) -> Reply | None:
        """What is answered where no route of its own takes the path: a static file, CORS, or a gateway response."""
        if self._static and (reply := self._static.find(request.method, request.path)):
            return reply
        if located is not None:
            return None
        api = self._directory.refusing_api(request.path)
        if request.method == "OPTIONS":
            # An HTTP API answers a preflight for every path; REST APIs have methods for them.
            owner = self._api_with(request) or (api if api and api.kind == "http" else None)
            if owner and owner.cors:
                return cors.preflight(owner, owner.cors, request)
        reply = gateway_reply(api.kind if api else "rest", GatewayResponse.NO_ROUTE)
        return reworded(api, reply, request, long_request_id()) if api else reply

    def _api_with(self, request: Request) -> Api | None:
        """The API that has the path, under any method."""
        methods = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD")
        found = (self._directory.locate(method, request.path, request.raw_path) for method in methods)
        return next((located.mount.api for located in found if located), None)

    def _is_preflight(self, request: Request, located: Located) -> bool:
        """Whether the API answers this ``OPTIONS`` request by itself.

        It always does for a real preflight, but for one case: ``$default`` with an authorizer catches it.
        """
        route = located.match.route
        if route.path == "$default" and route.authorizer in self._authorizers.get(located.mount.api.logical_id, {}):
            return False
        return "origin" in request.headers or route.method.upper() != "OPTIONS"

    async def _serve(self, exchange: Exchange, scope: Scope, receive: Receive) -> Reply:
        request, api, route = exchange.request, exchange.api, exchange.route
        throttles = self._throttles.get(api.logical_id)
        if throttles and (refusal := throttles.refusal(api, route)):
            return refusal
        policy = self._policies.get(api.logical_id)
        if policy and (refusal := policy.refusal(exchange)):
            return refusal
        if request.head_size > MAX_HEAD:
            return gateway_reply(api.kind, GatewayResponse.HEADERS_TOO_LARGE)
        try:
            request.body = await read_body(scope, receive, MAX_EVENT if api.kind == "function_url" else MAX_BODY)
        except BodyTooLargeError:
            return gateway_reply(api.kind, GatewayResponse.BODY_TOO_LARGE)
        authorizer = self._authorizers.get(api.logical_id, {}).get(route.authorizer or "")
        if authorizer:
            try:
                exchange.identity = await authorizer.authorize(exchange)
            except NotAuthorizedError as error:
                _LOG.info("%s %s refused: %s", request.method, exchange.resource_path, error)
                return gateway_reply(api.kind, error.response, error.headers)
        keys = self._api_keys.get(api.logical_id)
        if keys and (refusal := keys.refusal(exchange)):
            return refusal
        if validator := self._validators.get((api.logical_id, route.key)):
            refusal = validator.refusal(exchange)
            if refusal:
                return refusal
        return await self._integration.reply(exchange)


def create_app(
    apis: Api | Sequence[Api],
    invoker: Invoker,
    *,
    static_dir: Path | None = None,
    enforce_authorizers: bool = True,
    on_request: RequestListener | None = None,
    source_ip: str | None = None,
) -> Gateway:
    """The ASGI application of one API, or of several that share a port."""
    return Gateway(
        (apis,) if isinstance(apis, Api) else apis,
        invoker,
        static_dir=static_dir,
        enforce_authorizers=enforce_authorizers,
        on_request=on_request,
        source_ip=source_ip,
    )
