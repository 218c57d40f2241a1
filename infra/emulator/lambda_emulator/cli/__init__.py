"""The commands of ``lambda-emulator``, which other command lines may mount as a group.

Names, short flags, defaults, ready line and exit codes are those of ``sam local``, so that it may stand in for it. A
command's module is imported only when it is asked for.
"""

from __future__ import annotations

import click

from lambda_emulator.cli.lazy import Command, LazyGroup

COMMANDS = {
    "start-api": Command("lambda_emulator.cli.start_api", "start_api", "Serve the template's APIs."),
    "start-lambda": Command(
        "lambda_emulator.cli.start_lambda", "start_lambda", "Serve the Lambda API, for boto3 and the AWS CLI."
    ),
    "invoke": Command("lambda_emulator.cli.invoke", "invoke", "Run one function once."),
    "start-esm": Command(
        "lambda_emulator.event_source.api.commands",
        "start_esm",
        "Poll Kafka and SQS and invoke the functions of event source mappings.",
    ),
    "start-schedules": Command(
        "lambda_emulator.schedules.commands",
        "start_schedules",
        "Invoke the functions of schedules when they are due.",
    ),
    "execution": Command(
        "lambda_emulator.cli.durable", "execution", "Look at executions of durable functions, or stop one."
    ),
    "callback": Command("lambda_emulator.cli.durable", "callback", "Answer a callback that an execution waits for."),
    "generate-event": Command("lambda_emulator.cli.generate_event", "generate_event", "Write a sample event."),
}


@click.group("local", cls=LazyGroup, lazy=COMMANDS, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="lambda-emulator", message="lambda-emulator %(version)s")
def local() -> None:
    """Run any SAM template of Python functions on this machine, without Docker."""


__all__ = ["local"]
