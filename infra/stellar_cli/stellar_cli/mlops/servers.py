"""The servers of ``stellar mlops`` beside Airflow: the local stack, unless it runs already, and MLflow."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from lambda_emulator.http_client import async_client
from stellar_local_stack.children import Children, wait_for_port
from stellar_local_stack.model_bucket import BUCKET
from stellar_local_stack.ports import PORTS, Ports
from stellar_local_stack.services import wait_until_healthy

_PROBE_SECONDS = 3.0
_START_SECONDS = 180.0
"""MLflow imports for seconds, and much longer on a busy machine."""


class Logs:
    """One file for each server's output: the terminal is for what a user asked for."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def __call__(self, name: str, line: str) -> None:
        with (self.folder / f"{name}.log").open("a") as file:
            file.write(f"{line}\n")


async def stack_answers(ports: Ports) -> bool:
    """Whether the local stack runs at these ports already."""
    import httpx

    try:
        async with async_client(ports.http_url, _PROBE_SECONDS) as client:
            return "model_version" in (await client.get(f"{ports.http_url}/health")).json()
    except (httpx.HTTPError, ValueError, TypeError):
        return False


async def start_stack(children: Children, ports: Ports) -> None:
    """``stellar up``, until all its servers listen. Raises ChildEndedError, TimeoutError."""
    arguments = ["-m", "stellar_cli", "up", "--no-watch"]
    for port in PORTS:
        arguments += [port.flag, str(getattr(ports, port.field))]
    child = await children.start_python("stack", arguments, {"PYTHONUNBUFFERED": "1"})
    for number in (ports.http, ports.grpc, ports.kafka, ports.metrics):
        await wait_for_port(child, number, _START_SECONDS)
    await wait_until_healthy(ports)


async def start_mlflow(children: Children, port: int, database: Path, environment: Mapping[str, str]) -> None:
    """The tracking server and registry over SQLite; artefacts go to S3. Raises ChildEndedError, TimeoutError."""
    command = [str(Path(sys.executable).with_name("mlflow")), "server", "--host", "127.0.0.1", "--port", str(port)]
    command += ["--backend-store-uri", f"sqlite:///{database}", "--artifacts-destination", f"s3://{BUCKET}/mlflow"]
    quiet = {"MLFLOW_DISABLE_TELEMETRY": "true", "DO_NOT_TRACK": "true", "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}
    child = await children.start("mlflow", [*command, "--workers", "1"], {**environment, **quiet})
    await wait_for_port(child, port, _START_SECONDS)
