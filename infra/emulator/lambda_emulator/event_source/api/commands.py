"""The commands ``start-esm``, ``generate-event kafka`` and ``esm status``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from lambda_emulator.cli.console import Console
from lambda_emulator.cli.options import LocalCommand, lambda_endpoint_option, log_options, take, template_options
from lambda_emulator.cli.running import open_console, run
from lambda_emulator.cli.session import TemplateOptions, load
from lambda_emulator.event_source import DrainTimeouts, EventSourceService, InvalidMappingError
from lambda_emulator.event_source.api import control_plane, monitor, samples
from lambda_emulator.event_source.config import Kind
from lambda_emulator.event_source.kafka.security import SecurityError, read_kafka_config
from lambda_emulator.http_client import client, reason
from lambda_emulator.http_server import HttpServer
from lambda_emulator.invoke_api import Endpoint
from lambda_emulator.invoke_api.mappings import DEFAULT_ENDPOINT
from lambda_emulator.server import Stop

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_KINDS: dict[str, Kind] = {"kafka": "MSK", "self-managed-kafka": "SelfManagedKafka"}
_BROKERS = "127.0.0.1:9092"


@click.command("start-esm", cls=LocalCommand, short_help="Poll Kafka and SQS and invoke functions in batches.")
@template_options
@click.option("--bootstrap-servers", envvar="KAFKA_BOOTSTRAP_SERVERS", help="Brokers, instead of the template's.")
@click.option("--kafka-config", type=_FILE, help="Properties of the Kafka client (librdkafka's names): TLS, SASL.")
@lambda_endpoint_option
@click.option(
    "--metrics-host", default="127.0.0.1", show_default=True, help="Where /metrics, /status and mapping calls listen."
)
@click.option(
    "--metrics-port",
    type=click.IntRange(0, 65535),
    default=9464,
    show_default=True,
    help="Their port; 0 takes any free one.",
)
@click.option(
    "--allow-host", multiple=True, help="Host name by which requests may come, beside addresses and localhost."
)
@click.option("--grace", default=10.0, show_default=True, help="Seconds that batches may take to end when stopping.")
@log_options
def start_esm(
    bootstrap_servers: str | None,
    kafka_config: Path | None,
    lambda_endpoint: str | None,
    metrics_host: str,
    metrics_port: int,
    allow_host: tuple[str, ...],
    grace: float,
    log_file: Path | None,
    debug: bool,
    **values: Any,
) -> None:
    """Poll the topics and queues of a template's MSK, SelfManagedKafka and SQS events and invoke functions in batches.

    Queues are found by AWS_ENDPOINT_URL_SQS or AWS_ENDPOINT_URL where one is set, else on AWS.

    The functions may run anywhere that speaks the Lambda API: start-lambda, sam local start-lambda, LocalStack, AWS.
    """
    stack = load(take(TemplateOptions, values))
    if not stack.event_sources:
        raise click.ClickException(f"{stack.template_path} has no MSK, SelfManagedKafka or SQS event.")
    try:
        client = read_kafka_config(kafka_config) if kafka_config else {}
    except SecurityError as error:
        raise click.ClickException(str(error)) from None

    async def serve(stop: Stop, console: Console) -> None:
        try:
            service = EventSourceService(
                stack,
                bootstrap_servers=bootstrap_servers,
                lambda_endpoint=lambda_endpoint,
                kafka_config=client,
                pace=DrainTimeouts(drain=grace),
            )
        except InvalidMappingError as error:
            raise click.ClickException(str(error)) from None
        endpoint = Endpoint([control_plane.create_router(service), monitor.create_router(service)])
        server = HttpServer(endpoint, metrics_host, metrics_port, flag="--metrics-port", allowed_hosts=allow_host)
        for warning in service.warnings:
            console.line(f"Warning: {warning}")
        try:
            async with service:
                await server.open()
                for mapping in service.mappings.values():
                    if mapping.refusal is not None:
                        console.line(f"Error: {mapping.name} is Failed and polls nothing: {mapping.refusal}")
                        continue
                    console.line(f"Polling {mapping.config.source_name} for {mapping.target.name} ({mapping.name})")
                console.line(f" * Metrics on {server.url}/metrics")
                console.line("Press CTRL+C to quit")
                await stop.requested.wait()
        finally:
            await server.close(0.0)

    with open_console(log_file, names=False, debug=debug) as console:
        run(lambda stop: serve(stop, console))


@click.command("kafka")
@click.option("--topic", default="mytopic", show_default=True, help="Topic of a made record.")
@click.option("--partition", default=0, show_default=True, help="Its partition.")
@click.option("--offset", default=0, show_default=True, help="Offset of the first made record.")
@click.option("--key", help="Key of made records.")
@click.option("--value", "values", multiple=True, help="Value of a made record; repeat for several.")
@click.option("--value-file", type=_FILE, help="File with one value a line.")
@click.option("--header", "headers", multiple=True, help="name=value; repeat for several.")
@click.option("--from-topic", help="Take the first records of this topic instead.")
@click.option("--count", default=10, show_default=True, help="How many of them.")
@click.option("--bootstrap-servers", default=_BROKERS, show_default=True, envvar="KAFKA_BOOTSTRAP_SERVERS")
@click.option("--kafka-config", type=_FILE, help="Properties of the Kafka client.")
@click.pass_context
def kafka_event(
    ctx: click.Context,
    topic: str,
    partition: int,
    offset: int,
    key: str | None,
    values: tuple[str, ...],
    value_file: Path | None,
    headers: tuple[str, ...],
    from_topic: str | None,
    count: int,
    bootstrap_servers: str,
    kafka_config: Path | None,
) -> None:
    """Write the event that a Kafka mapping sends to a function, of made records or of a topic's.

    The command goes by two names, one for each kind of mapping.
    """
    if from_topic:
        try:
            extra = read_kafka_config(kafka_config) if kafka_config else {}
            records = samples.topic_records({**extra, "bootstrap.servers": bootstrap_servers}, from_topic, count)
        except (samples.SampleError, SecurityError) as error:
            raise click.ClickException(str(error)) from None
    else:
        content = [value.encode() for value in values]
        content += value_file.read_bytes().splitlines() if value_file else []
        records = samples.made_records(
            topic,
            content or [b'{"message": "Hello from Kafka"}'],
            partition=partition,
            offset=offset,
            key=None if key is None else key.encode(),
            headers=[_pair(header) for header in headers],
        )
    click.echo(samples.dumps(samples.envelope(_KINDS[ctx.info_name or "kafka"], bootstrap_servers, records)))


_COUNTS = (
    {
        "polled": "polled",
        "filtered_out": "filtered out",
        "processed": "processed",
        "on_failure": "to the on-failure destination",
        "dropped": "dropped",
    },
    {"invocations": "made", "failed": "failed", "throttled": "throttled"},
)


@click.group()
def esm() -> None:
    """Look at the Kafka event source mappings."""


@esm.command(short_help="State, lag and counts of every mapping.")
@click.option(
    "--url",
    default=DEFAULT_ENDPOINT,
    show_default=True,
    envvar="STELLAR_ESM_URL",
    help="Address that start-esm gives for its metrics.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def status(url: str, as_json: bool) -> None:
    """Say what every mapping is doing: state, lag, and counts since its start."""
    import httpx

    try:
        with client(url, 5.0) as service:
            mappings = service.get(f"{url.rstrip('/')}/status").raise_for_status().json()
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        raise click.ClickException(
            f"No mappings at {url} ({reason(error)}). Start them by the command start-esm."
        ) from None
    if as_json:
        click.echo(json.dumps(mappings, indent=2))
        return
    for mapping in mappings:
        records, calls = (", ".join(f"{mapping[name]:,} {text}" for name, text in group.items()) for group in _COUNTS)
        source = mapping.get("topic") or mapping["queue"]
        lag = f", lag {mapping['lag']}" if "lag" in mapping else ""
        click.echo(
            f"{mapping['name']}  {mapping['state']}{lag}\n"
            f"  {source} to {mapping['function']}; last result: {mapping['last_result']}\n"
            f"  records: {records}\n  calls of the function: {calls}"
        )
        for condition, number in mapping["lost"].items():
            text = f"  WARNING: {number:,} records are lost ({condition}): set DestinationConfig.OnFailure to keep such"
            click.secho(text, fg="red", bold=True)


def _pair(header: str) -> tuple[str, str]:
    name, equals, value = header.partition("=")
    if not equals:
        raise click.BadParameter(f"{header!r} is not name=value", param_hint="--header")
    return name, value
