"""The ASGI application that plays the Lambda service endpoint: one call in, one reply out."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from urllib.parse import parse_qsl

from emulator.asgi import (
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
from emulator.invocation import Invoker
from emulator.invoke_api.asynchronous import AsyncQueue
from emulator.invoke_api.catalogue import Catalogue
from emulator.invoke_api.destinations import Destinations
from emulator.invoke_api.invocations import MAX_REQUEST, Invocations, client_request_id, too_large
from emulator.invoke_api.router import Router
from emulator.invoke_api.wire import (
    ApiError,
    Call,
    NotImplementedLocallyError,
    UnknownOperationError,
    with_request_id,
)

_LOG = logging.getLogger(__name__)
_HEALTH_PATHS = ("/", "/health")


class LambdaApi:
    """The Lambda API over one invoker. ``queue`` holds its asynchronous events."""

    def __init__(self, invoker: Invoker, *, routers: Iterable[Router] = (), time_scale: float = 1.0) -> None:
        self.queue = AsyncQueue(invoker, Destinations(invoker, self._send_to_function), time_scale=time_scale)
        self._invoker = invoker
        self._routers = [Invocations(invoker, self.queue).router(), Catalogue(invoker).router(), *routers]

    def mount(self, router: Router) -> None:
        """Add another part of the control plane."""
        self._routers.append(router)

    async def close(self, grace_seconds: float = 10.0) -> None:
        """End the asynchronous queue. See ``AsyncQueue.close``."""
        await self.queue.close(grace_seconds)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            raise RuntimeError(f"a {scope['type']} connection cannot be served")
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        request_id = ""
        try:
            request_id = client_request_id(headers)
            reply = await self._answer(scope, receive, headers, request_id)
        except ApiError as error:
            reply = error.reply()
        except ClientDisconnectedError:
            return
        except Exception:
            _LOG.exception("%s %s failed inside the Lambda API", scope["method"], scope["path"])
            reply = ApiError("An internal error occurred in the local Lambda API.").reply()
        await send_reply(send, with_request_id(reply, request_id))

    async def _answer(self, scope: Scope, receive: Receive, headers: dict[str, str], request_id: str) -> Reply:
        method, raw_path = scope["method"], scope["raw_path"].decode("ascii")
        found = None
        for router in self._routers:
            if found := router.find(method, raw_path):
                break
        if found is None:
            return self._without_operation(method, scope["path"])
        try:
            # One byte more than is allowed comes through, so that the call itself can say so with its own limit.
            body = await read_body(scope, receive, MAX_REQUEST + 1)
        except BodyTooLargeError:
            raise too_large(MAX_REQUEST) from None
        handler, parameters = found
        query = dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True))
        return await handler(Call(method, scope["path"], parameters, query, headers, body, request_id))

    def _without_operation(self, method: str, path: str) -> Reply:
        if method in ("GET", "HEAD") and path in _HEALTH_PATHS:
            return json_reply(
                200, {"status": "ok", "functions": [function.name for function in self._invoker.functions()]}
            )
        first, _, second = path.lstrip("/").partition("/")
        if first[:2] == "20" and len(first) == 10 and second:
            raise NotImplementedLocallyError(
                f"{method} {path} is not available in the local Lambda API: functions are defined by the template."
            )
        raise UnknownOperationError(f"{method} {path} is not a call of the Lambda API.")

    async def _send_to_function(self, reference: str, payload: bytes) -> None:
        self.queue.put(self._invoker.resolve(reference), payload, client_request_id({}))


def create_app(invoker: Invoker, *, routers: Iterable[Router] = (), time_scale: float = 1.0) -> LambdaApi:
    """The ASGI application of the Lambda API. ``time_scale`` is that of ``AsyncQueue``."""
    return LambdaApi(invoker, routers=routers, time_scale=time_scale)
