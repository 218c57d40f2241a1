"""``invoke``: run one function once."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import dataclasses
import json
import sys
from pathlib import Path
from typing import Any

import click

from lambda_emulator.cli.debugging import DebugOptions, with_debugger
from lambda_emulator.cli.inputs import read_event
from lambda_emulator.cli.options import LocalCommand, runtime_options, take, template_options
from lambda_emulator.cli.running import open_console, run
from lambda_emulator.cli.session import SessionError, TemplateOptions, find, load
from lambda_emulator.dependencies import SharedHome
from lambda_emulator.durable import DurableService, needed
from lambda_emulator.invocation import InvocationResult, TenantError
from lambda_emulator.runtime import LambdaService
from lambda_emulator.server import Stop
from lambda_emulator.stack import Stack


@click.command("invoke", cls=LocalCommand, short_help="Run one function once.")
@click.argument("function_logical_id", required=False)
@click.option("--event", "-e", help="File with the event, or - for stdin.  [default: an empty object]")
@click.option("--no-event", is_flag=True, hidden=True, help="An empty object, which is the default.")
@click.option("--runtime", "-r", hidden=True, expose_value=False)
@click.option("--tenant-id", help="Tenant, for a function that isolates tenants.")
@click.option("--durable-execution-name", help="Name of the execution, of a durable function.")
@template_options
@runtime_options
def invoke(
    function_logical_id: str | None,
    event: str | None,
    no_event: bool,
    tenant_id: str | None,
    durable_execution_name: str | None,
    log_file: Path | None,
    debug: bool,
    shared_environment: bool,
    as_json: bool,
    **values: Any,
) -> None:
    """Run one function of a SAM template once: its response on stdout, its logs on stderr.

    A template with one function needs no name. A function that fails is no failure of this command: the error object
    is its response, and the exit code is 0, as with "sam local invoke".
    """
    payload = read_event(None if no_event else event)
    debugging = dataclasses.replace(take(DebugOptions, values), debug_function=None)
    stack = load(take(TemplateOptions, values), shared=shared_environment)
    function = find(stack, function_logical_id)
    alone = with_debugger(dataclasses.replace(stack, functions={function.logical_id: function}), debugging)
    with open_console(log_file, names=False, debug=debug) as console:
        for warning in stack.warnings:
            console.line(f"Warning: {warning}")
        console.line(f"Invoking {function.handler} ({function.runtime})")
        try:
            result = run(
                lambda stop: _invoke(
                    alone,
                    payload,
                    tenant_id,
                    stop,
                    execution_name=durable_execution_name,
                    log_sink=console.function_lines,
                    shared=shared_environment,
                )
            )
        except TenantError as error:
            raise SessionError(str(error)) from None
        if result is None:
            raise SystemExit(130)
        if _timed_out(result):
            console.line(f"Function '{function.logical_id}' timed out after {function.timeout_seconds} seconds")
    _print(result, as_json=as_json)


async def _invoke(
    stack: Stack,
    payload: bytes,
    tenant_id: str | None,
    stop: Stop,
    *,
    execution_name: str | None,
    log_sink: Any,
    shared: bool,
) -> InvocationResult | None:
    """The result, or None where the command was told to stop first."""
    async with contextlib.AsyncExitStack() as entered:
        durable = await entered.enter_async_context(DurableService()) if needed(stack) else None
        stack = durable.prepared(stack) if durable else stack
        service = await entered.enter_async_context(
            LambdaService(stack, concurrency=1, log_sink=log_sink, watch=False, shared=SharedHome() if shared else None)
        )
        if durable:
            await durable.open(service)
            running = durable.run(next(iter(stack.functions)), payload, name=execution_name)
        else:
            running = service.invoke(next(iter(stack.functions)), payload, tenant_id=tenant_id)
        invocation = asyncio.create_task(running)
        stopped = asyncio.create_task(stop.requested.wait())
        await asyncio.wait((invocation, stopped), return_when=asyncio.FIRST_COMPLETED)
        stopped.cancel()
        if invocation.done():
            return invocation.result()
        invocation.cancel()
        await service.drain_and_close(0.0)
        return None


def _print(result: InvocationResult, *, as_json: bool) -> None:
    if as_json:
        content = {
            "requestId": result.request_id,
            "functionError": result.function_error,
            "payload": _decoded(result.payload),
            "executedVersion": result.executed_version,
            "durationMs": round(result.duration_ms, 2),
            "initMs": None if result.init_ms is None else round(result.init_ms, 2),
            **({"durableExecutionArn": result.durable_execution_arn} if result.durable_execution_arn else {}),
            "logResult": base64.b64encode(result.log_tail).decode(),
        }
        sys.stdout.buffer.write(json.dumps(content, ensure_ascii=False).encode(errors="backslashreplace") + b"\n")
    elif not _timed_out(result):
        # A function that was cut off has no response: stdout stays empty, as with "sam local invoke". Nor does a line
        # end follow a response, but where a prompt would stand behind it.
        sys.stdout.buffer.write(_readable(result.payload) + (b"\n" if sys.stdout.isatty() else b""))
    sys.stdout.buffer.flush()


def _readable(payload: bytes) -> bytes:
    """The response with its characters as they are: Lambda's older runtimes escape those beyond ASCII."""
    if b"\\u" not in payload:
        return payload
    try:
        return json.dumps(json.loads(payload), ensure_ascii=False).encode()
    except ValueError:  # bytes of the function's own, or half of a surrogate pair, which no encoding has
        return payload


def _decoded(payload: bytes) -> Any:
    """The response as data; a text where it is no JSON."""
    try:
        return json.loads(payload)
    except ValueError:
        return payload.decode(errors="backslashreplace")


def _timed_out(result: InvocationResult) -> bool:
    if not result.function_error:
        return False
    content = json.loads(result.payload)
    return isinstance(content, dict) and content.get("errorType") == "Sandbox.Timedout"
