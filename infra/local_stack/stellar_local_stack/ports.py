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
        """Its name in ``services.Ports``; ``lambda`` is Python's own word."""
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
