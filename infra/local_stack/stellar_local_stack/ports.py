"""The ports that ``stellar up`` listens on: one table, from which flags and environment variables follow."""

from __future__ import annotations

import random
import socket
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from typing import Any, TypeVar

import click

from lambda_emulator.sockets import port_owner
from stellar_service import ports as usual

OFFSET_VARIABLE = "STELLAR_PORT_OFFSET"
_BELOW_EPHEMERAL = (15_000, 32_768)
Command = TypeVar("Command", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Port:
    """One listening port: ``--<name>-port``, or ``STELLAR_<NAME>_PORT``."""

    name: str
    default: int
    purpose: str

    @property
    def field(self) -> str:
        """Its name in ``Ports``; ``lambda`` is Python's own word."""
        return "lambda_api" if self.name == "lambda" else self.name

    @property
    def flag(self) -> str:
        return f"--{self.name}-port"

    @property
    def variable(self) -> str:
        return f"STELLAR_{self.name.upper()}_PORT"


PORTS = (
    Port("http", usual.HTTP, "HTTP API (REST, GraphQL)"),
    Port("lambda", usual.LAMBDA, "Lambda Invoke API"),
    Port("s3", usual.S3, "S3"),
    Port("grpc", usual.GRPC, "gRPC"),
    Port("kafka", usual.KAFKA, "Kafka"),
    Port("page", usual.PAGE, "web page"),
    Port("metrics", usual.METRICS, "event source mapping's metrics"),
)


AUTH = Port("auth", usual.AUTH, "issuer of tokens, where --auth asks for them")


@dataclass(frozen=True, slots=True)
class Ports:
    """Where everything listens, on the loopback interface."""

    http: int
    lambda_api: int
    s3: int
    grpc: int
    kafka: int
    page: int
    metrics: int

    @property
    def http_url(self) -> str:
        return f"http://127.0.0.1:{self.http}"

    @property
    def page_url(self) -> str:
        return f"http://127.0.0.1:{self.page}"

    @property
    def grpc_address(self) -> str:
        return f"127.0.0.1:{self.grpc}"

    @property
    def metrics_url(self) -> str:
        return f"http://127.0.0.1:{self.metrics}"

    @property
    def s3_url(self) -> str:
        return f"http://127.0.0.1:{self.s3}"

    @property
    def lambda_url(self) -> str:
        return f"http://127.0.0.1:{self.lambda_api}"

    @property
    def kafka_address(self) -> str:
        return f"127.0.0.1:{self.kafka}"

    def environment(self) -> dict[str, str]:
        """What tells functions and servers where the others are: all that differs between here and AWS."""
        from stellar_local_stack.model_bucket import BUCKET  # which brings the model store: not for every client

        return {
            "AWS_ENDPOINT_URL_S3": self.s3_url,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": "us-east-1",
            "MODEL_BUCKET": BUCKET,
            "KAFKA_BOOTSTRAP_SERVERS": self.kafka_address,
            "GRAPHQL_URL": f"{self.http_url}/graphql",
            "GRPC_ADDRESS": self.grpc_address,
            "POWERTOOLS_METRICS_DISABLED": "true",
            "POWERTOOLS_TRACE_DISABLED": "true",
        }


def port_options(command: Command, ports: Sequence[Port] = PORTS) -> Command:
    """Give a click command one option for each port; its callback gets ``<name>_port`` of each."""
    for port in reversed(ports):
        command = click.option(
            port.flag,
            type=click.IntRange(1, 65535),
            default=port.default,
            envvar=port.variable,
            show_default=True,
            show_envvar=True,
            help=f"{port.purpose}.",
        )(command)
    return command


def offset_option(command: Command, ports: Sequence[Port] = (*PORTS, AUTH)) -> Command:
    """``--port-offset``: the default ports, all moved by the same number."""

    def move(ctx: click.Context, _: click.Parameter, offset: int) -> None:
        if offset:
            moved = {f"{port.name}_port": port.default + offset for port in ports}
            ctx.default_map = {**(ctx.default_map or {}), **moved}

    return click.option(
        "--port-offset",
        type=click.IntRange(0, 65535),
        default=0,
        envvar=OFFSET_VARIABLE,
        show_envvar=True,
        is_eager=True,
        expose_value=False,
        callback=move,
        metavar="N",
        help="Add N to every default port, for a second stack on one machine.",
    )(command)


def is_free(number: int, host: str = "127.0.0.1") -> bool:
    """Whether a server could listen there now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, number))
        except OSError:
            return False
    return True


def free_ports(number: int, host: str = "127.0.0.1") -> list[int]:
    """That many ports that nobody listens on now, all different.

    They lie below the ephemeral ports: a client that keeps trying to connect to an ephemeral port on its own machine
    may be given that very port, and so meet itself.
    """
    with ExitStack() as stack:
        found: list[int] = []
        while len(found) < number:
            probe = stack.enter_context(socket.socket())
            with suppress(OSError):
                probe.bind((host, random.randrange(*_BELOW_EPHEMERAL)))
                found.append(probe.getsockname()[1])
        return found


def refuse_busy(numbers: dict[str, int], host: str = "127.0.0.1", ports: Sequence[Port] = PORTS) -> None:
    """Raise click.ClickException that names every busy port, its owner and the flag that changes it.

    ``numbers`` gives each port's number by its ``field``. No two may be the same.
    """
    wanted = [(port, numbers[port.field]) for port in ports]
    first: dict[int, Port] = {}
    for port, number in wanted:
        if (other := first.setdefault(number, port)) is not port:
            raise click.ClickException(f"Port {number} is given twice: by {other.flag} and by {port.flag}.")
    busy = [(port, number) for port, number in wanted if not is_free(number, host)]
    if busy:
        raise click.ClickException(
            "\n".join(
                f"Port {number} ({port.purpose}) is taken by {port_owner(number) or 'another user'}. "
                f"Stop it, or choose another port: {port.flag} N or {port.variable}=N."
                for port, number in busy
            )
        )
