"""``stellar bench`` and ``stellar probe``."""

from __future__ import annotations

import csv
import json
import tempfile
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from stellar.schema import EXAMPLE, FIELDS, MAGNITUDES, SENTINEL
from stellar_bench import report
from stellar_bench.access import own_token
from stellar_bench.clients.base import Row, Workload
from stellar_bench.load import ServiceGoneError
from stellar_bench.protocols import SERVICES, Addresses, Plan, measure
from stellar_local_stack.project import ROOT

Command = TypeVar("Command", bound=Callable[..., Any])
Result = TypeVar("Result")
SYNTHETIC_ROWS = 2000


def _address_options(command: Command) -> Command:
    defaults = Addresses()
    for option in (
        click.option(
            "--token",
            envvar="STELLAR_TOKEN",
            show_envvar=True,
            help="Access token.  [default: one of `stellar auth`, if the API on this machine asks for it]",
        ),
        click.option("--kafka", "kafka_address", default=defaults.kafka, show_default=True, help="Bootstrap server."),
        click.option("--grpc", "grpc_address", default=defaults.grpc, show_default=True, help="gRPC address."),
        click.option("--http", "http_address", default=defaults.http, show_default=True, help="HTTP API URL."),
        click.option("--only", multiple=True, type=click.Choice(list(SERVICES)), help="Only these; may be repeated."),
    ):
        command = option(command)
    return command


def read_rows(path: Path) -> list[Row]:
    """Objects from a CSV with the catalogue's columns; columns that are not of the object are left out.

    Raises click.ClickException.
    """
    integers = {field.name for field in FIELDS if field.type is int}
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            rows: list[Row] = [
                {
                    field.name: int(row[field.name]) if field.name in integers else float(row[field.name])
                    for field in FIELDS
                    if row.get(field.name)
                }
                for row in csv.DictReader(file)
            ]
    except (ValueError, csv.Error) as error:
        raise click.ClickException(f"{path} cannot be used: {error}") from None
    if not any(rows):
        raise click.ClickException(f"{path} has no objects in the catalogue's columns")
    return rows


def _synthetic_rows() -> list[Row]:
    """Objects of the synthetic catalogue, without the odd one whose magnitudes were not measured."""
    from stellar_pipeline.data.synth import generate

    rows: list[Row] = []
    for chunk in generate(SYNTHETIC_ROWS, seed=1):
        columns = {field.name: chunk[field.name].tolist() for field in FIELDS}
        rows += [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]
    return [row for row in rows if all(row[band] > SENTINEL for band in MAGNITUDES)]


@click.group(invoke_without_command=True)
@_address_options
@click.option("--requests", default=2000, show_default=True, type=click.IntRange(1), help="Requests a service.")
@click.option("--concurrency", default=8, show_default=True, type=click.IntRange(1), help="Clients at once.")
@click.option("--batch", default=1, show_default=True, type=click.IntRange(1, 10_000), help="Objects a request.")
@click.option("--warmup", default=200, show_default=True, type=click.IntRange(0), help="Unmeasured requests first.")
@click.option("--rate", type=click.FloatRange(0, min_open=True), help="Open loop: requests a second, whatever comes.")
@click.option("--data", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="CSV of real objects.")
@click.option("--json", "json_path", type=click.Path(path_type=Path), help="Write the figures there.")
@click.option("--html", "html_path", type=click.Path(path_type=Path), help="Write one page with plots there.")
@click.pass_context
def bench(
    ctx: click.Context,
    only: Sequence[str],
    http_address: str,
    grpc_address: str,
    kafka_address: str,
    token: str | None,
    requests: int,
    concurrency: int,
    batch: int,
    warmup: int,
    rate: float | None,
    data: Path | None,
    json_path: Path | None,
    html_path: Path | None,
) -> None:
    """Compare the protocols of a running stack side by side (`stellar up` in another terminal).

    All send the same objects. A closed loop by default; --rate gives an open loop, whose latencies count from the
    moment a request was due.
    """
    if ctx.invoked_subcommand is not None:
        return
    workload = Workload(read_rows(data) if data else _synthetic_rows(), batch)
    plan = Plan(requests, concurrency, warmup, rate)
    addresses = Addresses(http_address, grpc_address, kafka_address, token or own_token(http_address))
    console = Console(stderr=True)

    async def run() -> list[report.Result]:
        columns = (TextColumn("{task.description:12}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns, console=console, transient=True) as bars:
            results = []
            for name in only or SERVICES:
                bar = bars.add_task(SERVICES[name].title, total=requests)
                results.append(await measure(name, addresses, workload, plan, partial(bars.advance, bar)))
            return results

    settings: dict[str, Any] = {
        "requests": requests,
        "concurrency": concurrency,
        "batch": batch,
        "objects": str(data or "synthetic"),
    }
    if rate:
        settings["rate"] = rate
    made = report.Report(_run(run()), settings)
    if any(result.error is None for result in made.results):
        Console().print(report.table(made))
    try:
        report.write(made, json_path, html_path)
    except OSError as error:
        raise click.ClickException(f"The figures cannot be written: {error}") from None
    if failed := [result for result in made.results if result.error]:
        for result in failed:
            click.echo(f"{result.service}: {result.error}", err=True)
        raise SystemExit(1)


@bench.command(short_help="Measure the local runtime against its floor.")
@click.option("--rounds", default=5, show_default=True, type=click.IntRange(1), help="Alternating rounds.")
@click.option("--requests", default=1000, show_default=True, type=click.IntRange(1), help="Requests a round.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def runtime(rounds: int, requests: int, as_json: bool) -> None:
    """Measure the local runtime itself against bare uvicorn and a bare import. Needs no running stack."""
    from stellar_bench.runtime import compare_cold, compare_warm

    warm = compare_warm(rounds, requests)
    layers = [ROOT / "layers" / name for name in ("model", "service")]
    cold = compare_cold(ROOT / "template.yaml", "RestFunction", ROOT / "functions/rest", layers, rounds)
    if as_json:
        click.echo(
            json.dumps(
                {"warm": asdict(warm), "ratio": warm.ratio, "overhead": warm.overhead, "cold": asdict(cold)}, indent=2
            )
        )
        return
    click.echo(
        f"warm, 1 connection    runtime p50 {warm.runtime_p50_ms:.2f} ms, p99 {warm.runtime_p99_ms:.2f} ms    "
        f"uvicorn p50 {warm.floor_p50_ms:.2f} ms, p99 {warm.floor_p99_ms:.2f} ms    "
        f"ratio {warm.ratio:.2f}, overhead {warm.overhead:.2f}\n"
        f"warm, 8 connections   runtime {warm.runtime_per_second:,.0f} req/s    "
        f"uvicorn {warm.floor_per_second:,.0f} req/s    "
        f"ratio {warm.floor_per_second / warm.runtime_per_second:.2f}\n"
        f"cold, REST function   init {cold.init_ms:.0f} ms    import {cold.import_ms:.0f} ms    ratio {cold.ratio:.2f}"
    )


@bench.command(short_help="Measure what installing lambda-emulator takes.")
@click.option("--rounds", default=3, show_default=True, type=click.IntRange(1), help="Alternating rounds.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def install(rounds: int, as_json: bool) -> None:
    """Measure what installing the wheel of lambda-emulator takes, beside the SAM CLI.

    Needs a checkout, uv and its package index.
    """
    from stellar_bench.install import InstallError, compare_installs

    try:
        found = compare_installs(rounds)
    except InstallError as error:
        raise click.ClickException(str(error)) from None
    if as_json:
        click.echo(json.dumps([asdict(each) for each in found], indent=2))
        return
    first = found[0]
    for each in found:
        click.echo(
            f"{each.name:<20}  {each.seconds:6.2f} s  {each.megabytes:6.1f} MB  {each.packages:3} packages    "
            f"ratio {each.seconds / first.seconds:.2f} (time), {each.megabytes / first.megabytes:.2f} (size)"
        )


@bench.command(short_help="Measure other servers beside our own.")
@click.option("--peer", "names", multiple=True, metavar="NAME", help="Only this one; may be repeated.")
@click.option("--rounds", default=3, show_default=True, type=click.IntRange(1), help="Alternating rounds.")
@click.option("--requests", default=1000, show_default=True, type=click.IntRange(1), help="Requests a round, at most.")
@click.option("--data", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="CSV of real objects.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def peers(names: Sequence[str], rounds: int, requests: int, data: Path | None, as_json: bool) -> None:
    """Measure other servers beside our own: MLServer, MiniStack, bare uvicorn, and no server at all.

    Needs no running stack. Every peer gets an environment of its own (by uv), the same model and the same objects,
    one connection and alternating rounds. Names: mlserver, ministack, uvicorn, onnx.
    """
    from stellar_bench.peers.compare import PEERS, compare, table

    if unknown := set(names) - PEERS.keys():
        raise click.BadParameter(f"no peer is called {min(unknown)}; there are {', '.join(PEERS)}", param_hint="--peer")
    chosen = {name: PEERS[name] for name in names or PEERS}
    workload = Workload([row for row in (read_rows(data) if data else _synthetic_rows()) if "redshift" in row])
    with tempfile.TemporaryDirectory() as folder, Console(stderr=True).status("starting") as status:
        try:
            found = _run(compare(chosen, workload, Path(folder), rounds, requests, status.update))
        except ServiceGoneError as error:
            raise click.ClickException(str(error)) from None
    if as_json:
        click.echo(json.dumps(asdict(found), indent=2))
        return
    Console().print(table(found))
    for name, reason in found.absent.items():
        click.echo(f"{name} was not measured: {reason}", err=True)


@click.command()
@_address_options
def probe(only: Sequence[str], http_address: str, grpc_address: str, kafka_address: str, token: str | None) -> None:
    """Send the example object over every protocol and print the class that each gives it.

    Exits with 1 if one gives none, or another than the others.
    """
    from stellar_bench.probe import NoAnswerError, ask

    addresses = Addresses(http_address, grpc_address, kafka_address, token or own_token(http_address))
    labels: set[str] = set()
    failed = False
    for name in only or SERVICES:
        try:
            answer = _run(ask(name, addresses, EXAMPLE))
        except NoAnswerError as error:
            failed = True
            click.echo(f"{SERVICES[name].title:12} {error}")
        else:
            labels.add(answer.label)
            told = f"{answer.label:7} {answer.milliseconds:8.2f} ms   {answer.version}, {answer.variant}"
            click.echo(f"{SERVICES[name].title:12} {told}")
    if len(labels) > 1:
        click.echo(f"The protocols do not agree: {', '.join(sorted(labels))}.", err=True)
    if failed or len(labels) > 1:
        raise SystemExit(1)


def _run(work: Coroutine[Any, Any, Result]) -> Result:
    import uvloop

    return uvloop.run(work)
