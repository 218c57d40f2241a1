"""moto's S3 as a server of this machine alone: behind the same guard as the other HTTP ports.

moto itself lets every web page empty it (``POST /moto-api/reset``), whatever host or origin the request names.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lambda_emulator.origin_guard import OriginRule

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

HOST = "127.0.0.1"


class WsgiGuard:
    """A WSGI application (PEP 3333) around another, which gets what the rule lets pass."""

    def __init__(self, app: WSGIApplication, rule: OriginRule) -> None:
        self._app = app
        self._rule = rule

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        headers = [
            (name[5:].replace("_", "-").lower().encode(), part.strip().encode("latin-1"))
            for name, value in environ.items()
            if name.startswith("HTTP_")
            for part in (value.split(",") if name == "HTTP_HOST" else (value,))  # the server joins repeated headers
        ]
        version = environ.get("SERVER_PROTOCOL", "").removeprefix("HTTP/")
        refused = self._rule.refusal(environ["REQUEST_METHOD"], headers, version)
        if refused is None:
            return self._app(environ, start_response)
        status, text = HTTPStatus(refused[0]), f"{refused[1]}\n".encode()
        start_response(
            f"{status} {status.phrase}", [("Content-Type", "text/plain"), ("Content-Length", str(len(text)))]
        )
        return [text]


@click.command()
@click.option("--port", type=click.IntRange(1, 65535), required=True)
@click.option("--allow-host", multiple=True)
@click.option("--keep", type=click.Path(file_okay=False, path_type=Path))
def main(port: int, allow_host: tuple[str, ...], keep: Path | None) -> None:
    """Serve S3 until a signal comes; with ``keep``, what a folder holds, and keep it there."""
    if allow_host:
        os.environ["S3_IGNORE_SUBDOMAIN_BUCKETNAME"] = "true"  # the names are this server's, and no buckets in them
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
    from werkzeug.serving import run_simple

    from stellar_local_stack.s3_kept import KeptObjects

    app: WSGIApplication = DomainDispatcherApplication(create_backend_app)
    if keep is not None:
        app = KeptObjects(app, keep)
    guarded = WsgiGuard(app, OriginRule((HOST, *allow_host)))
    run_simple(HOST, port, guarded, threaded=True, request_handler=MotoRequestHandler)


if __name__ == "__main__":
    main()
