"""The server: one port, the classifier, health and reflection, and a stop that drops no call.

    async with Server(Settings(port=0), open_store()) as server:
        print(server.address)
        await stop.wait()

Leaving the block drains: health says NOT_SERVING and new calls are answered UNAVAILABLE; connections are told to go
(GOAWAY); running calls end within the grace; streams that are still open then are answered up to what was read, and
closed with UNAVAILABLE.
"""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import Self

import grpc
from grpc_health.v1 import health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from stellar import ModelStore
from stellar_grpc import tls
from stellar_grpc.gate import Gate
from stellar_grpc.health import Health
from stellar_grpc.listening import PortInUseError, address_of, refuse_busy
from stellar_grpc.metrics import Metrics
from stellar_grpc.rates import Rates
from stellar_grpc.service import StarClassification
from stellar_grpc.settings import Settings
from stellar_service import contract

END_SECONDS = 1.0
"""How long streams have to write their last answers, once the grace is over."""

QUIET_SECONDS = 0.1
KNOCKING_SECONDS = 1.0
"""No new call for the first of these, or the second at the latest, and connections are told to go."""

_SERVICE_NAMES = (contract.SERVICE.full_name, "grpc.health.v1.Health", reflection.SERVICE_NAME)


class Server:
    """Serves the model of a store, which stays the caller's to close. Make it inside a running event loop."""

    def __init__(self, settings: Settings, store: ModelStore, metrics: Metrics | None = None) -> None:
        self._settings = settings
        self._health = Health()
        self._gate = Gate(Rates(settings.calls_per_second) if settings.calls_per_second else None)
        metrics = metrics or Metrics()
        self._service = StarClassification(store, metrics, self._gate)
        self._server = grpc.aio.server(interceptors=_checks(settings, metrics), options=settings.channel_arguments())
        self._server.add_generic_rpc_handlers((self._service.handler(),))
        health_pb2_grpc.add_HealthServicer_to_server(self._health, self._server)
        reflection.enable_server_reflection(_SERVICE_NAMES, self._server)
        self._stopping: asyncio.Task[None] | None = None
        self.port = 0

    @property
    def address(self) -> str:
        """Where clients find it."""
        return address_of(self._settings.host, self.port)

    async def start(self) -> None:
        """Listen. Raises PortInUseError, TlsError, OSError."""
        settings = self._settings
        address = address_of(settings.host, settings.port)
        if not settings.reuse_port:
            refuse_busy(settings.host, settings.port)
        try:
            if settings.secure:
                self.port = self._server.add_secure_port(address, tls.credentials(settings))
            else:
                self.port = self._server.add_insecure_port(address)
        except RuntimeError:  # what gRPC raises when it cannot bind; its own log line has the reason
            raise PortInUseError(settings.host, settings.port) from None
        await self._server.start()

    async def stop(self) -> None:
        """Drain, and stop listening. Called again, while the first call waits, it drops what still runs."""
        if self._stopping is not None:
            await self._server.stop(None)
            return
        self._stopping = asyncio.create_task(self._drain(self._settings.grace_seconds))
        await self._stopping

    async def _drain(self, grace: float) -> None:
        deadline = asyncio.get_running_loop().time() + grace
        self._health.drain()
        await self._gate.close(QUIET_SECONDS, min(grace, KNOCKING_SECONDS))
        ending = asyncio.create_task(self._server.stop(grace + END_SECONDS))
        await asyncio.wait((ending,), timeout=max(0.0, deadline - asyncio.get_running_loop().time()))
        self._service.end_streams()
        await ending

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()


def _checks(settings: Settings, metrics: Metrics) -> list[grpc.aio.ServerInterceptor]:
    if settings.token_issuer is None:
        return []
    from stellar_grpc.callers import CallerCheck
    from stellar_grpc.tokens import TokenVerifier

    return [CallerCheck(TokenVerifier(settings.token_issuer, settings.token_audience), metrics)]
