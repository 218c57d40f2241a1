"""The command ``start-schedules``."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import click
import orjson

from lambda_emulator.cli.console import Console
from lambda_emulator.cli.options import LocalCommand, lambda_endpoint_option, log_options, take, template_options
from lambda_emulator.cli.running import open_console, run
from lambda_emulator.cli.session import TemplateOptions, load
from lambda_emulator.schedules.delivery import LambdaCaller
from lambda_emulator.schedules.event import in_utc
from lambda_emulator.schedules.service import Run, ScheduleService
from lambda_emulator.server import Stop
from lambda_emulator.stack import Schedule, Stack


@click.command("start-schedules", cls=LocalCommand, short_help="Invoke the functions of schedules when they are due.")
@template_options
@lambda_endpoint_option
@click.option("--once", "names", multiple=True, metavar="NAME", help="Run this schedule now, and end; repeatable.")
@click.option("--grace", default=10.0, show_default=True, help="Seconds that deliveries may take to end when stopping.")
@log_options
@click.option("--json", "as_json", is_flag=True, help="Write schedules and runs on stdout, one JSON object a line.")
def start_schedules(
    lambda_endpoint: str | None,
    names: tuple[str, ...],
    grace: float,
    log_file: Path | None,
    debug: bool,
    as_json: bool,
    **values: Any,
) -> None:
    """Invoke the functions of a template's Schedule and ScheduleV2 events, of rules and schedules, when they are due.

    Invocations are asynchronous, and so are retried as the function's own configuration says. The functions may run
    anywhere that speaks the Lambda API: start-lambda, sam local start-lambda, LocalStack, AWS.

    \b
    start-schedules --once HelloNightly    run one now, by its logical id or name
    """
    template = take(TemplateOptions, values)
    stack = load(template)
    if not stack.schedules:
        reasons = "".join(f"\nWarning: {warning}" for warning in stack.warnings)
        raise click.ClickException(f"{stack.template_path} has no schedule of a function.{reasons}")
    chosen = [_find(stack, name) for name in names]

    async def serve(stop: Stop, console: Console) -> bool:
        caller = LambdaCaller(lambda_endpoint, region=template.region)

        def tell(run: Run) -> None:
            _tell(console, run, as_json=as_json)

        service = ScheduleService(stack, caller, on_run=tell, grace_seconds=grace)
        try:
            if chosen:
                return await _once(service, chosen, stop)
            for schedule, due in service.upcoming():
                _announce(console, schedule, due, as_json=as_json)
            async with service:
                console.line("Press CTRL+C to quit")
                await stop.requested.wait()
            return True
        finally:
            caller.close()

    with open_console(log_file, names=False, debug=debug) as console:
        for warning in stack.warnings:
            console.line(f"Warning: {warning}")
        succeeded = run(lambda stop: serve(stop, console))
    if not succeeded:
        raise SystemExit(1)


async def _once(service: ScheduleService, chosen: Sequence[Schedule], stop: Stop) -> bool:
    """Run each now; whether the Lambda API accepted all of them, at the first attempt."""
    single = [replace(schedule, maximum_retry_attempts=0, dead_letter=None) for schedule in chosen]
    runs = asyncio.gather(*(service.fire(schedule) for schedule in single))
    stopped = asyncio.create_task(stop.requested.wait())
    await asyncio.wait((runs, stopped), return_when=asyncio.FIRST_COMPLETED)
    stopped.cancel()
    return runs.done() and all(run.delivered for run in runs.result())


def _find(stack: Stack, name: str) -> Schedule:
    """The schedule with that logical id, or the name that it has in AWS."""
    for schedule in stack.schedules:
        if name in (schedule.logical_id, schedule.arn, schedule.arn.rpartition("/")[2]):
            return schedule
    known = ", ".join(schedule.logical_id for schedule in stack.schedules)
    raise click.ClickException(f"There is no schedule {name}. The template has: {known}")


def _announce(console: Console, schedule: Schedule, due: datetime | None, *, as_json: bool) -> None:
    at = f"next run {in_utc(due)}" if due else ("never runs" if schedule.enabled else "disabled")
    console.line(f"Scheduled {schedule.logical_id} to {schedule.function}: {schedule.expression}, {at}")
    if as_json:
        _write(
            {
                "event": "scheduled",
                "schedule": schedule.logical_id,
                "function": schedule.function,
                "expression": schedule.expression,
                "enabled": schedule.enabled,
                "next": in_utc(due) if due else None,
            }
        )


def _tell(console: Console, run: Run, *, as_json: bool) -> None:
    outcome = f"accepted, request {run.delivered.request_id}" if run.delivered else "not accepted"
    console.line(f"Ran {run.schedule.logical_id}, due at {in_utc(run.due)}: {outcome}")
    if as_json:
        _write(
            {
                "event": "run",
                "schedule": run.schedule.logical_id,
                "function": run.schedule.function,
                "time": in_utc(run.due),
                "accepted": run.delivered is not None,
                "requestId": run.delivered.request_id if run.delivered else None,
                "attempts": run.delivered.attempts if run.delivered else None,
            }
        )


def _write(content: dict[str, Any]) -> None:
    sys.stdout.write(orjson.dumps(content).decode() + "\n")
    sys.stdout.flush()
