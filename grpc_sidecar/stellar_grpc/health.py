"""The standard health service. Mirrors "GRPC Health Checking Protocol" and grpc/health/v1/health.proto.

There is one change of state in a server's life: it serves, until it begins to drain.
"""

from __future__ import annotations

import asyncio
from typing import Any

import grpc
from grpc_health.v1 import health_pb2

from stellar_service import contract

LINGER_SECONDS = 0.5
"""Between the last message of a watch and its end. Python's asyncio client loses one message in twenty whose end comes
in the same read, and a busy machine brings together what was sent a while apart."""

SERVICES = ("", contract.SERVICE.full_name)
"""The server as a whole, and the classifier."""

_SERVING = health_pb2.HealthCheckResponse.SERVING
_NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING
_SERVICE_UNKNOWN = health_pb2.HealthCheckResponse.SERVICE_UNKNOWN


class Health:
    """Says SERVING until ``drain`` is called.

    The servicer of grpc_health never ends a watch, and would so hold up the drain.
    """

    def __init__(self) -> None:
        self._draining = asyncio.Event()

    def drain(self) -> None:
        """Say NOT_SERVING from now on, to those who watch at once."""
        self._draining.set()

    async def Check(self, request: Any, context: Any) -> Any:  # noqa: N802
        """The status of one service."""
        if request.service not in SERVICES:
            await context.abort(grpc.StatusCode.NOT_FOUND, f"There is no service {request.service}.")
        return health_pb2.HealthCheckResponse(status=self._status())

    async def List(self, request: Any, context: Any) -> Any:  # noqa: N802
        """The status of all services."""
        answer = health_pb2.HealthCheckResponse(status=self._status())
        return health_pb2.HealthListResponse(statuses=dict.fromkeys(SERVICES, answer))

    async def Watch(self, request: Any, context: Any) -> None:  # noqa: N802
        """The status now and when it changes. Ends when the server does."""
        known = request.service in SERVICES
        await context.write(health_pb2.HealthCheckResponse(status=self._status() if known else _SERVICE_UNKNOWN))
        if not self._draining.is_set():
            await self._draining.wait()
            if known:
                await context.write(health_pb2.HealthCheckResponse(status=_NOT_SERVING))
                await asyncio.sleep(LINGER_SECONDS)

    def _status(self) -> Any:
        return _NOT_SERVING if self._draining.is_set() else _SERVING
