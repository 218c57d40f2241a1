"""The root of the ``stellar`` command. A sub-command's module is imported only when it is asked for."""

from __future__ import annotations

import os
from importlib import metadata
from typing import TYPE_CHECKING, Any

import click

from lambda_emulator.cli.lazy import Command, LazyGroup
from lambda_emulator.http_client import without_proxy_here
from stellar_local_stack.ports import PORTS, Ports

if TYPE_CHECKING:
    from stellar_local_stack.running import Running

COMMANDS = {
    "up": Command("stellar_local_stack.up", "up", "Start all of it here: S3, Kafka, functions, gRPC, page."),
    "mlops": Command("stellar_cli.mlops.command", "mlops", "Start MLflow and Airflow beside the local stack; retrain."),
    "doctor": Command("stellar_cli.doctor", "doctor", "Say what is installed, what is missing and what that costs."),
    "local": Command("lambda_emulator.cli", "local", "Run any SAM template of Python functions, without Docker."),
    "train": Command("stellar_pipeline.cli.train", "train", "Train, evaluate and export a model."),
    "data": Command("stellar_pipeline.cli.train", "data", "Fetch real catalogue rows, or make synthetic ones."),
    "pipeline": Command("stellar_pipeline.cli.stages", "pipeline", "Prepare training data in stages; watch for drift."),
    "explore": Command("stellar_pipeline.cli.explore", "explore", "Draw a catalogue: figures and one page."),
    "classify": Command("stellar_pipeline.cli.classify", "classify", "Classify whole catalogues, file to file."),
    "tune": Command("stellar_pipeline.cli.tune", "tune", "Look for better settings of the model."),
    "model": Command(
        "stellar_pipeline.cli.model", "model", "See versions of the model, promote one, go back, compare."
    ),
    "grpc": Command("stellar_grpc.cli", "grpc", "Run the gRPC server on its own."),
    "page": Command("stellar_cli.page", "page", "Serve the web page, with the Kafka stream as live events."),
    "auth": Command("stellar_local_stack.auth.cli", "auth", "Issue access tokens for development, on this machine."),
    "tls": Command("stellar_local_stack.tls.cli", "tls", "Make certificates for this machine's loopback names."),
    "kafka": Command("stellar_local_stack.kafka.cli", "kafka", "Start and stop a local Kafka broker."),
    "deploy": Command("stellar_deploy.cli", "deploy", "Deploy to LocalStack, MiniStack or AWS."),
    "bench": Command("stellar_bench.cli", "bench", "Compare the protocols, or the runtime with its floor."),
    "probe": Command("stellar_bench.cli", "probe", "Send one object over every protocol."),
    "esm": Command("lambda_emulator.event_source.api.commands", "esm", "Look at the Kafka event source mappings."),
}

CLIENTS = frozenset({"probe", "bench", "model", "esm", "kafka", "auth", "page", "mlops"})
"""Commands that talk to a stack that runs."""


def client_defaults(ports: Ports, stack: Running | None) -> dict[str, Any]:
    """What the options of ``CLIENTS`` are by default: the addresses of the stack, by command and parameter."""
    protocols = {
        "http_address": ports.http_url,
        "grpc_address": ports.grpc_address,
        "kafka_address": ports.kafka_address,
    }
    return {
        "probe": protocols,
        "bench": protocols,
        "model": {"rest": ports.http_url, "grpc": ports.grpc_address, "s3": ports.s3_url},
        "esm": {"status": {"url": ports.metrics_url}},
        "kafka": {"topics": {"port": ports.kafka}},
        "auth": {"token": {"issuer": stack.issuer}} if stack and stack.issuer else {},
        "page": {
            "api_url": ports.http_url,
            "grpc_address": ports.grpc_address,
            "bootstrap_servers": ports.kafka_address,
            "esm_url": ports.metrics_url,
        },
        "mlops": {f"{port.name}_port": getattr(ports, port.field) for port in PORTS} if stack else {},
    }


@click.group(cls=LazyGroup, lazy=COMMANDS, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(metadata.version("stellar-cli"), prog_name="stellar")
@click.option(
    "--stack",
    type=click.IntRange(1, 65535),
    envvar="STELLAR_STACK",
    show_envvar=True,
    metavar="PORT",
    help="HTTP port of the `stellar up` that probe, bench, model, esm, kafka, auth and page use. [default: the newest]",
)
@click.pass_context
def cli(ctx: click.Context, stack: int | None) -> None:
    """Classify stars, galaxies and quasars over REST, GraphQL, gRPC and Kafka, on a local AWS Lambda."""
    os.environ.update(without_proxy_here(os.environ))  # also for boto3, gRPC and MLflow, here and in what is started
    if ctx.invoked_subcommand in CLIENTS:
        from stellar_local_stack.running import chosen

        ports, found = chosen(stack, os.environ)
        ctx.default_map = client_defaults(ports, found)
        if found and found.issuer:
            os.environ.setdefault("STELLAR_TOKEN_ISSUER", found.issuer)  # whose tokens probe and bench show
