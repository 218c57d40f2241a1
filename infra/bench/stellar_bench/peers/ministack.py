"""The same template, deployed by CloudFormation to MiniStack, and called through its API Gateway and Lambda."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

from stellar_bench.clients import http as http_client
from stellar_bench.clients.base import Workload
from stellar_bench.peers.contender import START_SECONDS, AbsentError, Contender, in_own_environment
from stellar_bench.peers.ours import REST
from stellar_bench.servers import serve
from stellar_deploy.errors import DeployError
from stellar_deploy.localstack import DeployOptions, deploy
from stellar_deploy.tools import MINISTACK
from stellar_local_stack.ports import free_ports

PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"


@contextmanager
def ministack_server(folder: Path) -> Iterator[str]:
    """MiniStack by itself: its address. Its log goes to the folder, which it works in. Raises AbsentError."""
    [port] = free_ports(1)
    command = in_own_environment("ministack", MINISTACK, "boto3")  # boto3, as Lambda's own runtime has it
    variables = {"GATEWAY_PORT": str(port), "MINISTACK_HOST": "localhost"}
    with (
        mock.patch.dict("os.environ", variables),
        serve(command, port, folder / "ministack.log", cwd=folder, timeout=START_SECONDS),
    ):
        yield f"http://127.0.0.1:{port}"


@contextmanager
def ministack(workload: Workload, folder: Path) -> Iterator[list[Contender]]:
    """Raises AbsentError."""
    with ministack_server(folder) as server:
        try:
            deployed = deploy(DeployOptions(server, "bench", PYTHON, kafka="", grpc="", built=None), lambda _: None)
        except DeployError as error:
            raise AbsentError(str(error)) from None
        yield [Contender("MiniStack's Lambda", http_client.rest(deployed.api_url, workload, server=server), REST)]
