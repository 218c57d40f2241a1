"""A stand-in for SDSS SkyServer on loopback: it answers the pipeline's query with rows of the plates asked for."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

_COLUMNS = "objID,alpha,delta,u,g,r,i,z,run_ID,rerun_ID,cam_col,field_ID,specObjID,class,redshift,plate,MJD,fiber_ID"
_ROW = "1237663204920852480,15.3,0.79,18.7,17.5,16.9,16.6,16.3,4128,301,5,225,{spectrum},GALAXY,0.042,{plate},51816,331"


class SkyServer(ThreadingHTTPServer):
    """Answers every query with one row, of the first plate asked for; ``broken_after`` queries it answers otherwise."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.queries: list[str] = []
        self.paths: list[str] = []
        self.broken_after: int | None = None
        self.broken_answer = "<html>Down for maintenance</html>"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: SkyServer

    def do_GET(self) -> None:
        address = urlsplit(self.path)
        sql = parse_qs(address.query)["cmd"][0]
        self.server.queries.append(sql)
        self.server.paths.append(address.path)
        limit = self.server.broken_after
        if limit is not None and len(self.server.queries) > limit:
            self._send(self.server.broken_answer)
            return
        first = re.search(r"specObjID >= (\d+)", sql)
        assert first is not None
        plate = (int(first.group(1)) >> 50) + 1
        self._send(f"#Table1\n{_COLUMNS}\n{_ROW.format(spectrum=(plate << 50) + 1, plate=plate)}\n")

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name is the base class's
        pass

    def _send(self, text: str) -> None:
        body = text.encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def skyserver() -> Iterator[SkyServer]:
    """A running stand-in."""
    with SkyServer() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
