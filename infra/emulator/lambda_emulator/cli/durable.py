"""``execution`` and ``callback``: the executions of durable functions, asked of a Lambda API that serves them.

Names and arguments are those of ``sam local execution`` and ``sam local callback``.
"""

from __future__ import annotations

import json
from typing import Any

import click

from lambda_emulator.aws_client import aws_client

_ENDPOINT = click.option(
    "--endpoint",
    default="http://127.0.0.1:3001",
    show_default=True,
    help="Lambda API of start-lambda.",
)


@click.group("execution", short_help="Look at executions of durable functions, or stop one.")
def execution() -> None:
    """Executions of durable functions that start-lambda serves."""


@click.group("callback", short_help="Answer a callback that an execution waits for.")
def callback() -> None:
    """Callbacks that executions of durable functions wait for."""


@execution.command("get")
@click.argument("arn")
@_ENDPOINT
def get(arn: str, endpoint: str) -> None:
    """What an execution has come to."""
    _print(_ask(endpoint, "get_durable_execution", DurableExecutionArn=arn))


@execution.command("history")
@click.argument("arn")
@click.option("--no-data", is_flag=True, help="Leave inputs and results out.")
@_ENDPOINT
def history(arn: str, no_data: bool, endpoint: str) -> None:
    """Every event of an execution, in their order."""
    events: list[Any] = []
    options: dict[str, Any] = {"DurableExecutionArn": arn, "IncludeExecutionData": not no_data}
    while True:
        page = _ask(endpoint, "get_durable_execution_history", **options)
        events += page.get("Events", [])
        if not page.get("NextMarker"):
            break
        options["Marker"] = page["NextMarker"]
    _print({"Events": events})


@execution.command("stop")
@click.argument("arn")
@click.option("--error-type", help="Type of the error that the execution ends with.")
@click.option("--error-message", help="Message of that error.")
@_ENDPOINT
def stop(arn: str, error_type: str | None, error_message: str | None, endpoint: str) -> None:
    """End an execution."""
    error = _error(error_type, error_message)
    _print(_ask(endpoint, "stop_durable_execution", DurableExecutionArn=arn, **({"Error": error} if error else {})))


@callback.command("succeed")
@click.argument("callback_id")
@click.option("--result", "-r", default="", help="Result, as text or JSON.")
@_ENDPOINT
def succeed(callback_id: str, result: str, endpoint: str) -> None:
    """Give a callback its result."""
    _ask(endpoint, "send_durable_execution_callback_success", CallbackId=callback_id, Result=result.encode())
    click.echo(f"Callback {callback_id} succeeded", err=True)


@callback.command("fail")
@click.argument("callback_id")
@click.option("--error-type", help="Type of the error.")
@click.option("--error-message", help="Message of the error.")
@_ENDPOINT
def fail(callback_id: str, error_type: str | None, error_message: str | None, endpoint: str) -> None:
    """Let a callback fail."""
    error = _error(error_type, error_message)
    _ask(endpoint, "send_durable_execution_callback_failure", CallbackId=callback_id, Error=error)
    click.echo(f"Callback {callback_id} failed", err=True)


@callback.command("heartbeat")
@click.argument("callback_id")
@_ENDPOINT
def heartbeat(callback_id: str, endpoint: str) -> None:
    """Say that a callback's answer is still to come."""
    _ask(endpoint, "send_durable_execution_callback_heartbeat", CallbackId=callback_id)
    click.echo(f"Callback {callback_id} is still to come", err=True)


def _error(error_type: str | None, message: str | None) -> dict[str, str]:
    return {name: value for name, value in (("ErrorType", error_type), ("ErrorMessage", message)) if value}


def _ask(endpoint: str, operation: str, **options: Any) -> dict[str, Any]:
    from botocore.exceptions import BotoCoreError, ClientError

    client = aws_client("lambda", endpoint_url=endpoint, retries={"max_attempts": 0})
    try:
        answer: dict[str, Any] = getattr(client, operation)(**options)
    except (BotoCoreError, ClientError) as error:
        raise click.ClickException(str(error)) from None
    answer.pop("ResponseMetadata", None)
    return answer


def _print(content: dict[str, Any]) -> None:
    click.echo(json.dumps(content, indent=2, ensure_ascii=False, default=str))
