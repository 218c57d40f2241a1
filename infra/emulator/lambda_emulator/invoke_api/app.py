"""The Lambda service endpoint: functions are invoked, queued and described here."""

from __future__ import annotations

from collections.abc import Iterable

from lambda_emulator.asgi import Reply, json_reply
from lambda_emulator.invocation import Invoker
from lambda_emulator.invoke_api.asynchronous import AsyncQueue
from lambda_emulator.invoke_api.catalogue import Catalogue
from lambda_emulator.invoke_api.destinations import Destinations
from lambda_emulator.invoke_api.endpoint import Endpoint
from lambda_emulator.invoke_api.invocations import Executions, Invocations, client_request_id
from lambda_emulator.invoke_api.router import Router
from lambda_emulator.invoke_api.wire import NotImplementedLocallyError

_HEALTH_PATHS = ("/", "/health")


class LambdaApi(Endpoint):
    """The Lambda API over one invoker. ``queue`` holds its asynchronous events, ``durable`` starts executions."""

    def __init__(
        self,
        invoker: Invoker,
        *,
        routers: Iterable[Router] = (),
        time_scale: float = 1.0,
        durable: Executions | None = None,
    ) -> None:
        self.queue = AsyncQueue(invoker, Destinations(invoker, self._send_to_function), time_scale=time_scale)
        self._invoker = invoker
        super().__init__([Invocations(invoker, self.queue, durable).router(), Catalogue(invoker).router(), *routers])

    async def close(self, grace_seconds: float = 10.0) -> None:
        """End the asynchronous queue. See ``AsyncQueue.close``."""
        await self.queue.close(grace_seconds)

    def without_operation(self, method: str, path: str) -> Reply:
        if method in ("GET", "HEAD") and path in _HEALTH_PATHS:
            return json_reply(
                200, {"status": "ok", "functions": [function.name for function in self._invoker.functions()]}
            )
        first, _, second = path.lstrip("/").partition("/")
        if first[:2] == "20" and len(first) == 10 and second:
            raise NotImplementedLocallyError(
                f"{method} {path} is not available in the local Lambda API: functions are defined by the template."
            )
        return super().without_operation(method, path)

    async def _send_to_function(self, reference: str, payload: bytes) -> None:
        self.queue.put(self._invoker.resolve(reference), payload, client_request_id({}))


def create_app(invoker: Invoker, *, routers: Iterable[Router] = (), time_scale: float = 1.0) -> LambdaApi:
    """The ASGI application of the Lambda API. ``time_scale`` is that of ``AsyncQueue``."""
    return LambdaApi(invoker, routers=routers, time_scale=time_scale)
