"""This project's own REST function and gRPC server, and the two limits: no Lambda around it, and no server at all."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

from stellar import Classifier, validate_one
from stellar.settings import DEFAULT_MODEL_DIR
from stellar_bench.clients import grpc as grpc_client
from stellar_bench.clients import http as http_client
from stellar_bench.clients.base import LABELS, Workload
from stellar_bench.load import Session
from stellar_bench.peers.contender import Contender
from stellar_bench.servers import serve
from stellar_local_stack.ports import free_ports
from stellar_local_stack.project import ROOT

REST, GRPC = "REST", "gRPC"


@contextmanager
def ours(workload: Workload, folder: Path) -> Iterator[list[Contender]]:
    """The REST function in the local runtime, told as by ``stellar up`` which Python runs it, and the gRPC server."""
    http_port, grpc_port = free_ports(2)
    runtime = [sys.executable, "-m", "lambda_emulator", "start-api", "-t", str(ROOT / "template.yaml")]
    runtime += ["-p", str(http_port), "--warm-containers", "EAGER", "--shared-environment"]
    runtime += ["--parameter-overrides", f"PythonRuntime=python{sys.version_info.major}.{sys.version_info.minor}"]
    sidecar = [sys.executable, "-m", "stellar_cli", "grpc", "--port", str(grpc_port)]
    with serve(runtime, http_port, folder / "rest.log"), serve(sidecar, grpc_port, folder / "grpc.log"):
        yield [
            Contender(REST, http_client.rest(f"http://127.0.0.1:{http_port}", workload), REST),
            Contender(GRPC, grpc_client.unary(grpc_client.Api(f"127.0.0.1:{grpc_port}"), workload), GRPC),
        ]


@contextmanager
def bare_uvicorn(workload: Workload, folder: Path) -> Iterator[list[Contender]]:
    """The REST function's FastAPI application on uvicorn: what the API and the Lambda runtime cost is the rest."""
    [port] = free_ports(1)
    command = [sys.executable, "-m", "uvicorn", "app:app", "--port", str(port), "--no-access-log"]
    variables = {
        "PYTHONPATH": ":".join(str(ROOT / name) for name in ("functions/rest", "layers/model", "layers/service")),
        "POWERTOOLS_METRICS_DISABLED": "true",
        "POWERTOOLS_TRACE_DISABLED": "true",
    }
    with mock.patch.dict("os.environ", variables), serve(command, port, folder / "uvicorn.log"):
        yield [Contender("same app, bare uvicorn", http_client.rest(f"http://127.0.0.1:{port}", workload), REST)]


class _Bare:
    """Validation and the model in this process."""

    def __init__(self, workload: Workload) -> None:
        self._classifier = Classifier.load(DEFAULT_MODEL_DIR)
        self._rows = [dict(row) for row in workload.rows]

    async def call(self, index: int) -> bool:
        prediction = self._classifier.classify_one(validate_one(self._rows[index % len(self._rows)]))
        return prediction.label in LABELS

    async def close(self) -> None:
        """There is nothing to hang up."""


@contextmanager
def no_server(workload: Workload, _folder: Path) -> Iterator[list[Contender]]:
    """The limit: the layer called as a library."""

    async def open_session() -> Session:
        return _Bare(workload)

    yield [Contender("no server, the layer alone", open_session, GRPC)]
