"""``stellar kafka``: a broker to develop against, without starting everything else."""

from __future__ import annotations

import json
import signal
import threading
from collections.abc import Callable
from typing import Any, TypeVar

import click

from stellar_local_stack.kafka import detached
from stellar_local_stack.kafka.kinds import HELP, KINDS, new_broker
from stellar_local_stack.kafka.process import BrokerError
from stellar_local_stack.kafka.topics import TOPICS, create_topics, list_topics
from stellar_service.ports import KAFKA

F = TypeVar("F", bound=Callable[..., Any])


def _port_option(command: F) -> F:
    return click.option(
        "--port",
        type=click.IntRange(1, 65535),
        default=KAFKA,
        show_default=True,
        envvar="STELLAR_KAFKA_PORT",
        show_envvar=True,
        help="Port on the loopback interface.",
    )(command)


@click.group()
def kafka() -> None:
    """Start and stop a local Kafka broker."""


@kafka.command()
@click.option(
    "--kind",
    type=click.Choice(list(KINDS)),
    default="embedded",
    show_default=True,
    help=HELP,
)
@_port_option
@click.option("--foreground", is_flag=True, help="Run until Ctrl-C instead of in the background.")
def start(kind: str, port: int, foreground: bool) -> None:
    """Start a broker and make the project's topics. It runs until `stellar kafka stop`."""
    try:
        if foreground:
            _run(kind, port)
            return
        if kind == "apache":
            from stellar_local_stack.kafka.jars import fetch

            fetch(click.echo)  # here, where its progress is seen
        keeper = detached.start(kind, port)
    except BrokerError as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"Kafka ({kind}) listens on 127.0.0.1:{port} (process {keeper.pid}). Topics: {_names()}")


@kafka.command()
@click.option("--port", type=int, help="Stop the one on this port alone.")
def stop(port: int | None) -> None:
    """Stop the brokers that `stellar kafka start` left running."""
    found = [keeper for keeper in detached.keepers() if port in (None, keeper.port)]
    for keeper in found:
        detached.stop(keeper)
        click.echo(f"Stopped Kafka ({keeper.kind}) on port {keeper.port}")
    if not found:
        click.echo("No broker of `stellar kafka start` runs" + (f" on port {port}." if port else "."))


@kafka.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def status(as_json: bool) -> None:
    """Say which brokers run. Exits with 1 if none does."""
    running = [
        {"kind": keeper.kind, "bootstrap_servers": f"127.0.0.1:{keeper.port}", "pid": keeper.pid}
        for keeper in detached.keepers()
    ]
    if as_json:
        click.echo(json.dumps(running, indent=2))
    for broker in [] if as_json else running:
        click.echo(f"{broker['kind']:<10}{broker['bootstrap_servers']}  (process {broker['pid']})")
    if not running:
        click.echo("No broker of `stellar kafka start` runs.", err=True)
        raise SystemExit(1)


@kafka.command()
@_port_option
@click.option("--bootstrap-servers", help="Another broker than the local one on --port.")
@click.option("--create", is_flag=True, help="Make the project's topics first.")
def topics(port: int, bootstrap_servers: str | None, create: bool) -> None:
    """List the topics of a broker and their partitions."""
    client = {"bootstrap.servers": bootstrap_servers or f"127.0.0.1:{port}"}
    try:
        found = list_topics(client)
        if create:
            create_topics(client)
            found = list_topics(client)
    except BrokerError as error:
        raise click.ClickException(str(error)) from None
    for name, partitions in sorted(found.items()):
        click.echo(f"{name:<32}{partitions:>4}")


def _run(kind: str, port: int) -> None:
    """Run a broker until SIGINT or SIGTERM."""
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    with new_broker(kind, port, click.echo) as broker:
        create_topics(broker.client_config())
        click.echo(f"Ready: Kafka ({kind}) listens on {broker.bootstrap_servers}. Topics: {_names()}")
        while not ended.wait(1.0):
            if not broker.running:
                raise BrokerError(f"The broker ended by itself.\n{broker.log}")


def _names() -> str:
    return ", ".join(topic.name for topic in TOPICS)


if __name__ == "__main__":
    kafka()
