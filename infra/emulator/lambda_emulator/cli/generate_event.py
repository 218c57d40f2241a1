"""``generate-event``: a sample event on stdout, for ``invoke -e -``. Kafka's commands live with its mapping."""

from __future__ import annotations

import inspect
import json
from collections.abc import Mapping

import click

from lambda_emulator.cli.lazy import Command, LazyGroup
from lambda_emulator.sample_events import SAMPLES, Build

_OTHER_NAMES = {"rest_api_id": "--restApiId"}
_KAFKA = "lambda_emulator.event_source.api.commands"


@click.group(
    "generate-event",
    cls=LazyGroup,
    lazy={
        "kafka": Command(_KAFKA, "kafka_event", "Records of MSK: made here, or those of a topic."),
        "self-managed-kafka": Command(_KAFKA, "kafka_event", "Records of a Kafka cluster of your own."),
    },
    short_help="Write a sample event.",
)
def generate_event() -> None:
    """Write the event that a service sends to a function, for "invoke -e -"."""


def _service(name: str, events: Mapping[str, Build]) -> click.Group:
    commands = {event: _command(event, build) for event, build in events.items()}
    summary = f"{', '.join(commands)}."
    return click.Group(name, commands, help=f"Write a sample event of {name}.", short_help=summary)


def _flags(argument: str) -> list[str]:
    """The names of an option: SAM CLI writes one of them in another way than the others."""
    flag = f"--{argument.replace('_', '-')}"
    return [_OTHER_NAMES[argument], flag] if argument in _OTHER_NAMES else [flag]


def _command(name: str, build: Build) -> click.Command:
    """A command whose options are the arguments of the function that makes the event."""
    options: list[click.Parameter] = [
        click.Option([*_flags(argument), argument], default=parameter.default, show_default=True)
        for argument, parameter in inspect.signature(build).parameters.items()
    ]

    def write(**values: str) -> None:
        try:
            event = build(**values)
        except ValueError as error:
            raise click.UsageError(str(error)) from None
        click.echo(json.dumps(event, indent=2, ensure_ascii=False))

    return click.Command(name, params=options, callback=write, help=build.__doc__)


for _name, _events in SAMPLES.items():
    generate_event.add_command(_service(_name, _events))
