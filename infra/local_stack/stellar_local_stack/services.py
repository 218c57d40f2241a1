"""The servers of the local stack beside the functions: how each is started, and where they all listen."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from lambda_emulator.http_client import async_client
from stellar.settings import DEFAULT_MODEL_DIR
from stellar_local_stack.children import Child, Children, wait_for_port
from stellar_local_stack.model_bucket import local_client, seed
from stellar_local_stack.ports import Ports
from stellar_local_stack.project import TEMPLATE

_HEALTH_SECONDS = 30.0


async def start_s3(children: Children, ports: Ports, folder: Path, hosts: Sequence[str] = ()) -> None:
    """moto's S3, which keeps its objects in a folder, with the default model as champion if there is none.

    ``hosts`` may be named in requests, here and below.
    """
    arguments = ["-m", "stellar_local_stack.s3_server", "--port", str(ports.s3), "--keep", str(folder)]
    environment = {"PYTHONUNBUFFERED": "1"}
    child = await children.start_python("s3", [*arguments, *_allowed(hosts)], environment, again=True)
    await wait_for_port(child, ports.s3)
    await asyncio.to_thread(lambda: seed(local_client(ports.s3_url), DEFAULT_MODEL_DIR))


def issuer_url(port: int) -> str:
    """The address of the issuer for development, which its tokens name."""
    return f"http://127.0.0.1:{port}"


async def start_issuer(children: Children, port: int) -> None:
    """The issuer of access tokens for development."""
    child = await children.start_python(
        "auth", ["-m", "stellar_cli", "auth", "serve", "--port", str(port)], {}, again=True
    )
    await wait_for_port(child, port)


async def start_grpc(children: Children, ports: Ports, issuer: str | None = None) -> None:
    """The gRPC server, which asks for tokens of the issuer where there is one."""
    arguments = ["-m", "stellar_cli", "grpc", "--port", str(ports.grpc)]
    if issuer:
        arguments += ["--token-issuer", issuer]
    child = await children.start_python("grpc", arguments, ports.environment(), again=True)
    await wait_for_port(child, ports.grpc)


async def start_page(children: Children, ports: Ports, hosts: Sequence[str] = (), issuer: str = "") -> None:
    """The web page's server; the page's users sign in at the issuer, if there is one."""
    arguments = ["-m", "stellar_cli", "page", "--port", str(ports.page), "--api-url", ports.http_url]
    arguments += ["--grpc-address", ports.grpc_address, "--bootstrap-servers", ports.kafka_address]
    arguments += ["--esm-url", ports.metrics_url, "--token-issuer", issuer, *_allowed(hosts)]
    child = await children.start_python("page", arguments, {}, again=True)
    await wait_for_port(child, ports.page)


async def start_event_source_mapping(
    children: Children, ports: Ports, kafka_settings: Path, hosts: Sequence[str] = ()
) -> Child:
    """The Kafka event source mapping, which calls the functions through the Lambda API."""
    arguments = ["-m", "stellar_cli", "local", "start-esm", "-t", str(TEMPLATE)]
    arguments += ["--metrics-port", str(ports.metrics), "--kafka-config", str(kafka_settings)]
    arguments += ["--bootstrap-servers", ports.kafka_address, "--lambda-endpoint", ports.lambda_url, *_allowed(hosts)]
    return await children.start_python("esm", arguments, ports.environment(), again=True)


def _allowed(hosts: Sequence[str]) -> list[str]:
    return [word for host in hosts for word in ("--allow-host", host)]


async def wait_until_healthy(ports: Ports) -> None:
    """Ask the REST function for its health, and wait until it has started and answers, well or not."""
    import httpx

    async with async_client(ports.http_url, _HEALTH_SECONDS) as client:
        with suppress(httpx.TransportError):  # too slow, or going again: the stack is there all the same
            await client.get(f"{ports.http_url}/health")
