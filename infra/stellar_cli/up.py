"""``stellar up``: the whole local stack from one terminal, until Ctrl-C."""

from __future__ import annotations

import asyncio
import signal
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path

import click
from rich.console import Console

from emulator.server import Options, Stop, serve
from emulator.stack import Stack
from emulator.template import TemplateError, load_stack
from stellar_cli.children import ChildEndedError, Children, wait_for_port
from stellar_cli.model_bucket import BUCKET, local_client, seed
from stellar_cli.ports import port_options, refuse_busy
from stellar_cli.screen import Screen

ROOT = Path(__file__).resolve().parents[2]
DEFAULT_MODEL = ROOT / "layers/model/stellar/default_model"


@dataclass(frozen=True, slots=True)
class Ports:
    """Where everything listens, on the loopback interface."""

    http: int
    lambda_api: int
    s3: int
    grpc: int
    kafka: int

    @property
    def s3_url(self) -> str:
        return f"http://127.0.0.1:{self.s3}"

    @property
    def kafka_address(self) -> str:
        return f"127.0.0.1:{self.kafka}"

    def environment(self) -> dict[str, str]:
        """What tells functions and servers where the others are: all that differs between here and AWS."""
        return {
            "AWS_ENDPOINT_URL_S3": self.s3_url,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": "us-east-1",
            "MODEL_BUCKET": BUCKET,
            "KAFKA_BOOTSTRAP_SERVERS": self.kafka_address,
            "REST_URL": f"http://127.0.0.1:{self.http}",
            "GRAPHQL_URL": f"http://127.0.0.1:{self.http}/graphql",
            "GRPC_ADDRESS": f"127.0.0.1:{self.grpc}",
            "POWERTOOLS_METRICS_DISABLED": "true",
            "POWERTOOLS_TRACE_DISABLED": "true",
        }


def local_stack(template: Path, environment: dict[str, str]) -> Stack:
    """The template's stack, with the local addresses in every function's environment. Raises TemplateError."""
    runtime = f"python{sys.version_info.major}.{sys.version_info.minor}"
    stack = load_stack(template, parameter_overrides={"PythonRuntime": runtime})
    return replace(
        stack,
        functions={
            logical_id: replace(function, environment={**function.environment, **environment})
            for logical_id, function in stack.functions.items()
        },
    )


async def _start_s3(children: Children, ports: Ports) -> None:
    arguments = ["-m", "moto.server", "-H", "127.0.0.1", "-p", str(ports.s3)]
    child = await children.start_python("s3", arguments, {"PYTHONUNBUFFERED": "1"})
    await wait_for_port(child, ports.s3)
    await asyncio.to_thread(lambda: seed(local_client(ports.s3_url), DEFAULT_MODEL))


async def _start_grpc(children: Children, ports: Ports) -> None:
    arguments = ["-m", "stellar_cli", "grpc", "--port", str(ports.grpc)]
    child = await children.start_python("grpc", arguments, ports.environment())
    await wait_for_port(child, ports.grpc)


async def _run(ports: Ports, screen: Screen, *, watch: bool) -> None:
    began = time.perf_counter()
    stop = Stop()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.request)
    loading = asyncio.create_task(asyncio.to_thread(local_stack, ROOT / "template.yaml", ports.environment()))
    async with Children(screen.server) as children:
        await _start_s3(children, ports)
        starting = asyncio.create_task(_start_grpc(children, ports))

        stack = await loading
        await starting
        children.first_end.add_done_callback(lambda _: stop.request())
        options = Options(
            http_port=ports.http,
            lambda_port=ports.lambda_api,
            http_flag="--http-port",
            lambda_flag="--lambda-port",
            on_request=screen.request,
        )
        await serve(
            stack,
            options,
            stop=stop,
            on_ready=lambda *_: screen.ready(ports, time.perf_counter() - began),
            log_sink=screen.function,
            watch=watch,
            warm="EAGER",
        )
        if children.first_end.done():
            raise children.first_end.result()


@click.command()
@port_options
@click.option("--watch/--no-watch", default=True, show_default=True, help="Reload functions as their code is edited.")
@click.option("-v", "--verbose", is_flag=True, help="Show Lambda's START, END and REPORT lines too.")
def up(
    http_port: int, lambda_port: int, s3_port: int, grpc_port: int, kafka_port: int, watch: bool, verbose: bool
) -> None:
    """Start everything on this machine: S3, Kafka, the functions behind their APIs, gRPC. Ctrl-C stops it all."""
    import uvloop

    ports = Ports(http_port, lambda_port, s3_port, grpc_port, kafka_port)
    refuse_busy({"http": ports.http, "lambda": ports.lambda_api, "s3": ports.s3, "grpc": ports.grpc})
    screen = Screen(Console(stderr=True), verbose=verbose)
    try:
        uvloop.run(_run(ports, screen, watch=watch))
    except (TemplateError, ChildEndedError, OSError) as error:
        raise click.ClickException(str(error)) from error
