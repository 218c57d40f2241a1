"""The commands of ``stellar local``, which also run as ``python -m emulator``.

Names, short flags, defaults, ready line and exit codes are those of ``sam local``, so that it may stand in for it. A
command's module is imported only when it is asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import NamedTuple

import click


class Command(NamedTuple):
    """Where a command lives, and the one line that ``--help`` says of it."""

    module: str
    attribute: str
    summary: str


COMMANDS = {
    "start-api": Command("emulator.cli.start_api", "start_api", "Serve the template's APIs."),
    "start-lambda": Command(
        "emulator.cli.start_lambda", "start_lambda", "Serve the Lambda API, for boto3 and the AWS CLI."
    ),
    "invoke": Command("emulator.cli.invoke", "invoke", "Run one function once."),
    "start-esm": Command(
        "emulator.event_source.commands", "start_esm", "Poll Kafka and invoke the functions of event source mappings."
    ),
    "generate-event": Command(
        "emulator.event_source.commands", "generate_event", "Write a sample event, or one made of real records."
    ),
}


class LocalGroup(click.Group):
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


@click.group("local", cls=LocalGroup, context_settings={"help_option_names": ["-h", "--help"]})
def local() -> None:
    """Run any SAM template of Python functions on this machine, without Docker."""


__all__ = ["local"]
