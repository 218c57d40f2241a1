"""The root of the ``stellar`` command. A sub-command's module is imported only when it is asked for."""

from __future__ import annotations

from importlib import metadata

import click

from emulator.cli.lazy import Command, LazyGroup

COMMANDS = {
    "up": Command("stellar_cli.up", "up", "Start everything on this machine: S3, Kafka, functions, gRPC, page."),
    "mlops": Command("stellar_cli.mlops", "mlops", "Start MLflow and Airflow beside the local stack; retrain."),
    "doctor": Command("stellar_cli.doctor", "doctor", "Say what is installed, what is missing and what that costs."),
    "local": Command("emulator.cli", "local", "Run any SAM template of Python functions, without Docker."),
    "train": Command("pipeline.cli", "train", "Train, evaluate and export a model."),
    "data": Command("pipeline.cli", "data", "Fetch real catalogue rows, or make synthetic ones."),
    "pipeline": Command("pipeline.stages_cli", "pipeline", "Prepare training data in stages, and watch for drift."),
    "explore": Command("pipeline.explore.commands", "explore", "Draw a catalogue: figures and one page."),
    "tune": Command("pipeline.tuning.cli", "tune", "Look for better settings of the model."),
    "model": Command("pipeline.model_cli", "model", "See the model's versions, promote one, go back, compare two."),
    "grpc": Command("grpc_sidecar.cli", "grpc", "Run the gRPC server on its own."),
    "page": Command("page_server.cli", "page", "Serve the web page, with the Kafka stream as live events."),
    "kafka": Command("kafka_local.cli", "kafka", "Start and stop a local Kafka broker."),
    "deploy": Command("deploy.cli", "deploy", "Deploy to LocalStack, MiniStack or AWS."),
    "bench": Command("bench.cli", "bench", "Compare the protocols, or the runtime with its floor."),
    "probe": Command("bench.cli", "probe", "Send one object over every protocol."),
    "esm": Command("emulator.event_source.commands", "esm", "Look at the Kafka event source mappings."),
}


@click.group(cls=LazyGroup, lazy=COMMANDS, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(metadata.version("stellar-serverless"), prog_name="stellar")
def cli() -> None:
    """Classify stars, galaxies and quasars over REST, GraphQL, gRPC and Kafka, on a local AWS Lambda."""
