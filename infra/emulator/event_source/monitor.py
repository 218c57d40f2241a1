"""What the mappings of a running ``start-esm`` are doing: ``/metrics`` for Prometheus, ``/status`` for people."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterable
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import orjson
from prometheus_client import make_wsgi_app

from emulator.event_source.service import EventSourceService
from emulator.sockets import PortInUseError

DEFAULT_PORT = 9464


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Handler(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (the name that it has in the base class)
        """Say nothing of each scrape."""


class Monitor:
    """An HTTP server in a thread of its own. ``start`` gives its address, ``close`` ends it."""

    def __init__(self, service: EventSourceService, host: str, port: int) -> None:
        self._service = service
        self._host = host
        self._port = port
        self._metrics = make_wsgi_app(service.metrics.registry)
        self._server: WSGIServer | None = None

    def start(self) -> str:
        """Raises PortInUseError."""
        try:
            self._server = make_server(self._host, self._port, self._answer, _Server, _Handler)
        except (OSError, socket.gaierror) as error:
            raise PortInUseError(self._host, self._port, "--metrics-port") from error
        threading.Thread(target=self._server.serve_forever, name="monitor", daemon=True).start()
        return f"http://{self._host}:{self._server.server_port}"

    def close(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()

    def _answer(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if path == "/metrics":
            page: Iterable[bytes] = self._metrics(environ, start_response)
            return page
        if path == "/status":
            start_response("200 OK", [("content-type", "application/json")])
            return [orjson.dumps(self._service.status())]
        start_response("404 Not Found", [("content-type", "text/plain")])
        return [b"Here are /metrics and /status.\n"]
