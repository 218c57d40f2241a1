"""``stellar pipeline``: run the stages, look at what they left, and measure drift, at a terminal.

Packages of the ``mlops`` group are imported inside the commands that need them, so that ``--help`` works without.
"""

from __future__ import annotations

import json
import resource
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click

from stellar_pipeline.cli.mapping import map_option

STAGES = ("obtain", "preprocess", "split", "standardise")

_ROOT = click.option(
    "--root",
    envvar="STELLAR_PIPELINE_ROOT",
    default=".stellar/pipeline",
    show_default=True,
    show_envvar=True,
    help="Where the stages are kept: a folder, or s3://bucket/prefix.",
)
_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")


@click.group()
def pipeline() -> None:
    """Prepare training data in stages, each kept as Parquet, and watch for drift."""


@pipeline.command()
@_ROOT
@click.option(
    "--source",
    help="Catalogue: a file, folder, glob or s3:// address, in any of the usual formats. [default: synthetic rows]",
)
@map_option
@click.option("--rows", type=click.IntRange(min=1), default=10_000, show_default=True, help="How many synthetic rows.")
@click.option("--seed", type=click.IntRange(0, 2**31), default=0, show_default=True, help="Seed of the synthetic rows.")
@click.option(
    "--split-seed", type=click.IntRange(0, 2**31), default=17, show_default=True, help="Same seed, same split."
)
@click.option("--from", "start", type=click.Choice(STAGES), default="obtain", help="Start there. [default: obtain]")
@click.option("--force", is_flag=True, help="Make files even if they would be the same.")
@_JSON
def run(
    root: str,
    source: str | None,
    mapping: dict[str, str],
    rows: int,
    seed: int,
    split_seed: int,
    start: str,
    force: bool,
    as_json: bool,
) -> None:
    """Run the stages: obtain, preprocess, split, standardise. What is there already is skipped.

    Files are read in batches: 5 million rows pass within 2 GiB of memory.
    """
    records = []
    with _failures(), _progress() as progress:
        from stellar_pipeline.etl.chain import run as stages

        for record in stages(
            root,
            source,
            rows=rows,
            seed=seed,
            split_seed=split_seed,
            mapping=mapping,
            start=start,
            force=force,
            progress=progress,
        ):
            records.append(record)
            if not as_json:
                click.echo(_line(record))
    peak = _peak_memory()
    if as_json:
        click.echo(json.dumps({"root": root, "stages": records, "peak_memory_mib": peak}, indent=1))
    else:
        click.echo(f"Everything is in {root}; memory was at most {peak:,} MiB")


@pipeline.command()
@_ROOT
@_JSON
def show(root: str, as_json: bool) -> None:
    """Say what each stage last did, and where its files are."""
    with _failures():
        from stellar_pipeline.etl.chain import records

        found = records(root)
    if as_json:
        click.echo(json.dumps(found, indent=1))
        return
    for stage, record in found.items():
        click.echo(_line({**record, "skipped": False}) if record else f"{stage:<12} has not run")
        for output in (record or {"outputs": {}})["outputs"].values():
            click.echo(f"{'':<12} {output['bytes'] / 2**20:>9,.2f} MiB  {output['uri']}")


@pipeline.command(short_help="Compare recent objects with the training rows.")
@_ROOT
@click.option("--bootstrap-servers", help="Read recent objects from this Kafka first, such as 127.0.0.1:9092.")
@click.option("--limit", type=click.IntRange(min=1), default=10_000, show_default=True, help="The latest so many.")
@click.option("--seconds", type=click.FloatRange(min=1), default=30.0, show_default=True, help="Read at most so long.")
@click.option("--threshold", type=click.FloatRange(min=0), default=0.2, show_default=True, help="Above it is drift.")
@_JSON
def drift(
    root: str, bootstrap_servers: str | None, limit: int, seconds: float, threshold: float, as_json: bool
) -> None:
    """Compare recently classified objects with the training rows; exits with 2 if they have drifted."""
    with _failures():
        from stellar_pipeline.drift import collect, measure

        collected = None
        if bootstrap_servers:
            collected = collect(root, bootstrap_servers, limit=limit, seconds=seconds)
        found = measure(root, threshold=threshold)
    if as_json:
        click.echo(json.dumps({**found, "collected": collected}, indent=1))
    else:
        for name, value in found["psi"].items():
            click.echo(f"{name:<10} {value:8.4f}")
        if found["class_mix"]:
            click.echo(f"{'class mix':<10} {found['class_mix']['psi']:8.4f}")
        click.echo(f"{'Drift' if found['drifted'] else 'No drift'}: {found['reason']} ({found['rows']:,} objects)")
        if found["report"]:
            click.echo(f"Report: {found['report']}")
    if found["drifted"]:
        raise click.exceptions.Exit(2)


def _line(record: dict[str, Any]) -> str:
    """One stage in one line."""
    said = "unchanged, skipped" if record["skipped"] else f"{record['seconds']:.1f} s"
    figures = ""
    if "duplicates" in record:
        reasons = ("sentinel", "out_of_limits", "duplicates")
        lost = ", ".join(f"{record[name]:,} {name.replace('_', ' ')}" for name in reasons)
        figures = f"{record['rows']:,} of {record['read']:,} rows kept ({lost})"
    elif "rows" in record:
        figures = f"{record['rows']:,} rows from {record['inputs']['source']}"
    elif "class_counts" in record:
        figures = ", ".join(f"{sum(counts.values()):,} to {part}" for part, counts in record["class_counts"].items())
    elif "scaler" in record:
        figures = f"{len(record['scaler']['means'])} features"
    return f"{record['stage']:<12} {figures}  [{said}]"


def _peak_memory() -> int:
    """The most memory that this process ever had resident [MiB]. macOS counts bytes, Linux KiB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak // (2**20 if sys.platform == "darwin" else 2**10)


@contextmanager
def _failures() -> Iterator[None]:
    """What a user can put right becomes one line."""
    try:
        from stellar_pipeline.drift.collect import BrokerUnreachableError
        from stellar_pipeline.etl.quality import QualityError
        from stellar_pipeline.object_store import StorageError
        from stellar_pipeline.reading.errors import CatalogueError
    except ModuleNotFoundError as error:
        way_out = "`uv sync --inexact --group train --group mlops` installs what the pipeline needs"
        raise click.ClickException(f"{error.name} is not installed. {way_out}.") from None
    try:
        yield
    except (CatalogueError, QualityError, StorageError, BrokerUnreachableError, OSError) as error:
        raise click.ClickException(str(error)) from None


@contextmanager
def _progress() -> Iterator[Any]:
    """Rows passed by each stage, on standard error, which leaves standard output to results."""
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description:<12} {task.completed:>12,.0f} rows"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        tasks: dict[str, TaskID] = {}

        def passed(stage: str, rows: int) -> None:
            if stage not in tasks:
                tasks[stage] = bar.add_task(stage, total=None)
            bar.update(tasks[stage], advance=rows)

        yield passed
