"""The process that keeps executions: AWS's testing engine behind its own web server, on a loopback port.

``python -m lambda_emulator.durable.engine_process`` reads its configuration as one line of JSON from stdin, writes the
port as one line to stdout, and ends with its stdin.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import threading
from socketserver import BaseServer
from typing import Any, cast

from aws_durable_execution_sdk_python_testing.child_dispatcher import FunctionConfigs
from aws_durable_execution_sdk_python_testing.runner import WebRunner, WebRunnerConfig
from aws_durable_execution_sdk_python_testing.web.server import RequestHandler, WebServiceConfig

HOST = "127.0.0.1"


class _GuardedHandler(RequestHandler):
    """Serves no browser: neither another site's page nor a name that was rebound to this address."""

    def _handle_request(self, method: str) -> None:
        port = _port(self.server)
        foreign = "Origin" in self.headers or "Sec-Fetch-Site" in self.headers
        if foreign or self.headers.get("Host") != f"{HOST}:{port}":
            self.send_error(403)
            return
        super()._handle_request(method)


def main() -> None:
    """Serve until stdin ends."""
    logging.basicConfig(level=logging.ERROR, stream=sys.stderr)
    given: dict[str, Any] = json.loads(sys.stdin.readline())
    config = WebRunnerConfig(
        web_service=WebServiceConfig(host=HOST, port=0, log_level=logging.ERROR),
        lambda_endpoint=given["lambdaEndpoint"],
        local_runner_region=given["region"],
        skip_time=given["skipTime"],
        function_configs=FunctionConfigs.from_dict(given["functions"]),
    )
    with WebRunner(config) as runner:
        server = runner._server
        assert server is not None
        server.RequestHandlerClass = _GuardedHandler
        server.daemon_threads = True
        sys.stdout.write(f"{_port(server)}\n")
        sys.stdout.flush()
        threading.Thread(target=_end_with_stdin, daemon=True).start()
        runner.serve_forever()


def _port(server: BaseServer) -> int:
    return cast(tuple[str, int], server.server_address)[1]


def _end_with_stdin() -> None:
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    main()
