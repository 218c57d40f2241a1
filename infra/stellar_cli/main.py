"""The root of the ``stellar`` command. A sub-command's module is imported only when it is asked for."""

from __future__ import annotations

from importlib import import_module, metadata
from typing import NamedTuple

import click


class Command(NamedTuple):
    """Where a sub-command lives, and the one line that ``stellar --help`` says of it."""

    module: str
    attribute: str
    summary: str


COMMANDS = {
    "up": Command("stellar_cli.up", "up", "Start everything on this machine: S3, Kafka, functions, gRPC."),
    "doctor": Command("stellar_cli.doctor", "doctor", "Say what is installed, what is missing and what that costs."),
    "local": Command("emulator.cli", "local", "Run any SAM template of Python functions, without Docker."),
    "train": Command("pipeline.cli", "train", "Train, evaluate and export a model."),
    "data": Command("pipeline.cli", "data", "Fetch real catalogue rows, or make synthetic ones."),
    "grpc": Command("grpc_sidecar.cli", "grpc", "Run the gRPC server on its own."),
    "kafka": Command("kafka_local.cli", "kafka", "Start and stop a local Kafka broker."),
    "bench": Command("bench.cli", "bench", "Compare the protocols, or the runtime with its floor."),
    "probe": Command("bench.cli", "probe", "Send one object over every protocol."),
    "esm": Command("emulator.event_source.commands", "esm", "Look at the Kafka event source mappings."),
}


class LazyGroup(click.Group):
    """A click group that lists its commands without importing them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command = COMMANDS[cmd_name]
        loaded = getattr(import_module(command.module), command.attribute)
        assert isinstance(loaded, click.Command)
        return loaded

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, command.summary) for name, command in COMMANDS.items()])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(metadata.version("stellar-serverless"), prog_name="stellar")
def cli() -> None:
    """Classify stars, galaxies and quasars over REST, GraphQL, gRPC and Kafka, on a local AWS Lambda."""
