"""``stellar up``: the whole local stack from one terminal, until Ctrl-C."""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
import time
from contextlib import AsyncExitStack, nullcontext
from dataclasses import asdict, replace
from pathlib import Path

import click
from rich.console import Console

from lambda_emulator.cli.console import Console as Writer
from lambda_emulator.dependencies import SharedHome
from lambda_emulator.invoke_api.mappings import forwarding_router
from lambda_emulator.server import Addresses, Options, serve
from lambda_emulator.stack import Stack
from lambda_emulator.template import TemplateError, load_stack
from stellar_local_stack import services
from stellar_local_stack.children import ChildEndedError, Children, together, wait_for_port
from stellar_local_stack.ending import Ending
from stellar_local_stack.kafka import KINDS, BrokerError
from stellar_local_stack.kafka.backlog import Reader
from stellar_local_stack.kafka.kinds import HELP
from stellar_local_stack.kafka_service import kafka
from stellar_local_stack.local_data import LocalData
from stellar_local_stack.ports import AUTH, PORTS, Command, Ports, offset_option, port_options, refuse_busy
from stellar_local_stack.project import TEMPLATE
from stellar_local_stack.running import noted
from stellar_local_stack.screen import Screen

_MSK_STAND_IN = "arn:aws:kafka:us-east-1:123456789012:cluster/stellar/00000000-0000-0000-0000-000000000000-1"
"""An MSK cluster that there is not: the Kafka function and its mapping exist for a cluster's sake."""


def local_stack(template: Path, environment: dict[str, str], issuer: str = "") -> Stack:
    """The template's stack, with the local addresses in every function's environment.

    ``issuer`` is where the tokens come from that callers of the API must show; without it all may call.

    Raises TemplateError.
    """
    runtime = f"python{sys.version_info.major}.{sys.version_info.minor}"
    parameters = {"PythonRuntime": runtime, "MskClusterArn": _MSK_STAND_IN, "TokenIssuer": issuer}
    stack = load_stack(template, parameter_overrides=parameters)
    return replace(
        stack,
        functions={
            logical_id: replace(function, environment={**function.environment, **environment})
            for logical_id, function in stack.functions.items()
        },
    )


def stream_reader(stack: Stack) -> Reader | None:
    """The consumer group of the stack's Kafka mapping, and its topic."""
    for source in stack.event_sources:
        config = source.properties.get("AmazonManagedKafkaEventSourceConfig") or {}
        if "ConsumerGroupId" in config:
            return Reader(str(config["ConsumerGroupId"]), str(source.properties["Topics"][0]))
    return None


async def _run(
    ports: Ports,
    screen: Screen,
    data: LocalData | None,
    *,
    broker: str,
    watch: bool,
    shared: bool,
    hosts: tuple[str, ...],
    auth_port: int | None,
) -> None:
    began = time.perf_counter()
    loop = asyncio.get_running_loop()
    ending = Ending()
    issuer = services.issuer_url(auth_port) if auth_port else ""

    async def stop_pollers() -> None:
        for child in ending.pollers:
            await child.stop()

    def find_reader() -> Reader | None:
        whole = loading.done() and not loading.cancelled() and loading.exception() is None
        return stream_reader(loading.result()) if whole else None

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, ending.end)
    if this := asyncio.current_task():
        ending.starting.add(this)
    with ending.raised():
        async with AsyncExitStack() as running:
            running.callback(screen.requests.flush)
            loading = asyncio.create_task(asyncio.to_thread(local_stack, TEMPLATE, ports.environment(), issuer))
            running.callback(loading.cancel)
            children = await running.enter_async_context(Children(screen.server))
            children.first_end.add_done_callback(lambda ended: ending.fail(ended.result()))
            kafka_settings, _ = await together(
                running.enter_async_context(kafka(broker, children, ports.kafka, data, find_reader)),
                services.start_s3(children, ports, data.s3 if data is not None else children.folder / "s3", hosts),
            )
            running.push_async_callback(stop_pollers)  # while there still is a broker that takes their last commits
            if auth_port:
                await services.start_issuer(children, auth_port)
            await together(
                services.start_grpc(children, ports, issuer), services.start_page(children, ports, hosts, issuer)
            )

            async def announce() -> None:
                """Wait for the first cold start and the mapping's port: the table promises an answer at once."""
                mapping = await services.start_event_source_mapping(children, ports, kafka_settings, hosts)
                ending.pollers.append(mapping)
                await together(wait_for_port(mapping, ports.metrics), services.wait_until_healthy(ports))
                running.enter_context(noted(ports, issuer, screen.warn))
                screen.ready(ports, broker, time.perf_counter() - began, issuer)

            def opened(_: Addresses) -> None:
                ending.starting.clear()  # from now on the servers end by ``stop``
                ending.watch(asyncio.create_task(announce()))

            options = Options(
                http_port=ports.http,
                lambda_port=ports.lambda_api,
                http_flag="--http-port",
                lambda_flag="--lambda-port",
                allowed_hosts=hosts,
                on_request=screen.requests.add,
                routers=[forwarding_router(ports.metrics_url)],
            )
            await serve(
                await loading,
                options,
                stop=ending.stop,
                on_ready=opened,
                log_sink=screen.function,
                shared=SharedHome() if shared else None,
                watch=watch,
                warm="EAGER",
            )


def _auth_port_option(command: Command) -> Command:
    return port_options(command, (AUTH,))


@click.command()
@offset_option
@port_options
@click.option(
    "--kafka",
    "broker",
    type=click.Choice(list(KINDS)),
    default="embedded",
    show_default=True,
    envvar="STELLAR_KAFKA",
    show_envvar=True,
    help=HELP,
)
@click.option("--watch/--no-watch", default=True, show_default=True, help="Reload functions as their code is edited.")
@click.option(
    "--allow-host",
    multiple=True,
    help="Host name by which requests may come, beside addresses and localhost; * for every one.",
)
@click.option(
    "--shared-environment",
    is_flag=True,
    help="Run the functions on this command's own packages rather than on those of their requirements.txt.",
)
@click.option(
    "--keep-data",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    envvar="STELLAR_KEEP_DATA",
    show_envvar=True,
    help="Folder that keeps what S3 and Apache Kafka hold, for the next start.",
)
@click.option("--auth", is_flag=True, help="Ask callers of REST, GraphQL and gRPC for tokens of `stellar auth token`.")
@_auth_port_option
@click.option("-v", "--verbose", is_flag=True, help="Show Lambda's START, END and REPORT lines too.")
def up(
    broker: str,
    watch: bool,
    allow_host: tuple[str, ...],
    keep_data: Path | None,
    auth: bool,
    auth_port: int,
    verbose: bool,
    shared_environment: bool,
    **numbers: int,
) -> None:
    """Start everything on this machine: S3, Kafka, the functions behind their APIs, gRPC, the web page.

    Ctrl-C stops it all. A server that ends by itself is started again.
    """
    import uvloop

    ports = Ports(**{port.field: numbers[f"{port.name}_port"] for port in PORTS})
    refuse_busy(asdict(ports) | ({AUTH.field: auth_port} if auth else {}), ports=(*PORTS, AUTH) if auth else PORTS)
    if keep_data is not None and broker == "embedded":
        click.echo(f"{keep_data} keeps what S3 holds. Kafka's records are kept with --kafka apache only.", err=True)
    # The embedded broker keeps nothing, so that nothing of S3 need outlive the stack either.
    own = LocalData(keep_data) if keep_data is not None or broker == "apache" else None
    try:
        with own or nullcontext(), Writer(sys.stderr.fileno()) as writer:
            screen = Screen(Console(stderr=True), writer, verbose=verbose)
            screen.follow(logging.getLogger("lambda_emulator"))
            uvloop.run(
                _run(
                    ports,
                    screen,
                    own,
                    broker=broker,
                    watch=watch,
                    shared=shared_environment,
                    hosts=allow_host,
                    auth_port=auth_port if auth else None,
                )
            )
    except (TemplateError, ChildEndedError, BrokerError, OSError) as error:
        raise click.ClickException(str(error)) from error
