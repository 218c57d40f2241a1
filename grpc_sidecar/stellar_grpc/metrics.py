"""What Prometheus is told: calls, their times, objects, and how large the batches become."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from ipaddress import ip_address
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, start_http_server
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

from stellar_grpc.listening import refuse_busy

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_SECONDS = (0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0)
_OBJECTS = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024)


class Metrics:
    """The metrics of one process. Where ``PROMETHEUS_MULTIPROC_DIR`` is set, they are kept there for its parent."""

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        self.registry = registry or CollectorRegistry()
        name = "stellar_grpc_"
        self._calls = Counter(f"{name}calls", "Calls answered", ("method", "code"), registry=self.registry)
        self._seconds = Histogram(
            f"{name}call_seconds", "Duration of a call", ("method",), buckets=_SECONDS, registry=self.registry
        )
        self._objects = Counter(f"{name}objects", "Objects answered", ("outcome",), registry=self.registry)
        self._batches = Histogram(
            f"{name}batch_objects", "Objects classified by one model call", buckets=_OBJECTS, registry=self.registry
        )
        self.streams = Gauge(f"{name}streams", "Streams open now", multiprocess_mode="livesum", registry=self.registry)
        self._classified = self._objects.labels("classified")
        self._refused = self._objects.labels("refused")

    def called(self, method: str, code: str, seconds: float) -> None:
        """A call has ended."""
        self._calls.labels(method, code).inc()
        self._seconds.labels(method).observe(seconds)

    def batch(self, classified: int, refused: int) -> None:
        """A batch has been answered."""
        if classified:
            self._classified.inc(classified)
            self._batches.observe(classified)
        if refused:
            self._refused.inc(refused)


def collected(folder: str) -> CollectorRegistry:
    """The metrics that worker processes keep in a folder, added up."""
    registry = CollectorRegistry()
    MultiProcessCollector(registry, path=folder)  # type: ignore[no-untyped-call]
    return registry


def forget(pid: int, folder: Path) -> None:
    """A worker process is gone: what it had open is no longer counted."""
    mark_process_dead(pid, str(folder))  # type: ignore[no-untyped-call]


def for_loopback_names(app: WSGIApplication) -> WSGIApplication:
    """The application for requests that name this machine: no name that a web page had resolved to it (rebinding)."""

    def guarded(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        name = environ.get("HTTP_HOST", "").rpartition(":")[0].strip("[]")
        if name in ("localhost", "127.0.0.1", "::1"):
            return app(environ, start_response)
        start_response("403 Forbidden", [("Content-Type", "text/plain")])
        return [b"This host is not allowed. Use localhost.\n"]

    return guarded


class MetricsPage:
    """Serves ``/metrics`` from a thread, between entering and leaving. Raises PortInUseError, OSError."""

    def __init__(self, host: str, port: int, registry: CollectorRegistry) -> None:
        refuse_busy(host, port, "--metrics-port")
        self._server, self._thread = start_http_server(port, host, registry)
        app = self._server.get_app()
        if app is not None and ip_address(str(self._server.server_address[0])).is_loopback:
            self._server.set_app(for_loopback_names(app))

    @property
    def port(self) -> int:
        return int(self._server.server_port)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        if self._thread is not threading.current_thread():
            self._thread.join()
