"""The ASGI application that answers what its routers know, in the Lambda API's protocol."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from urllib.parse import parse_qsl

from lambda_emulator.asgi import (
    BodyTooLargeError,
    ClientDisconnectedError,
    Receive,
    Reply,
    Scope,
    Send,
    read_body,
    send_reply,
)
from lambda_emulator.invoke_api.invocations import MAX_REQUEST, client_request_id, too_large
from lambda_emulator.invoke_api.router import Router
from lambda_emulator.invoke_api.wire import (
    ApiError,
    Call,
    UnknownOperationError,
    UnsupportedMediaTypeError,
    with_request_id,
)

_LOG = logging.getLogger(__name__)


class Endpoint:
    """One call in, one reply out."""

    def __init__(self, routers: Iterable[Router]) -> None:
        self._routers = list(routers)

    def mount(self, router: Router) -> None:
        """Add another part of the API."""
        self._routers.append(router)

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
            return self.without_operation(method, scope["path"])
        coding = headers.get("content-encoding", "identity")
        if coding.lower() != "identity":
            raise UnsupportedMediaTypeError(f"The body is sent as {coding[:64]}; send it without Content-Encoding.")
        try:
            # One byte more than is allowed comes through, so that the call itself can say so with its own limit.
            body = await read_body(scope, receive, MAX_REQUEST + 1)
        except BodyTooLargeError:
            raise too_large(MAX_REQUEST) from None
        handler, parameters = found
        query = dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True))
        return await handler(Call(method, scope["path"], parameters, query, headers, body, request_id))

    def without_operation(self, method: str, path: str) -> Reply:
        """What a call gets that no router knows. Raises ApiError."""
        raise UnknownOperationError(f"{method} {path} is not a call of the Lambda API.")
