"""``stellar classify``: whole catalogues at a terminal."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from stellar_pipeline.cli.mapping import map_option

if TYPE_CHECKING:
    from stellar_pipeline.bulk.summary import Summary


@click.command(short_help="Classify whole catalogues, file to file.")
@click.argument("inputs", nargs=-1, required=True, metavar="IN…")
@click.option(
    "--out",
    type=click.Path(dir_okay=False, writable=True),
    required=True,
    help="File to write: .parquet, .csv, .fits or .vot. With Spark, a folder of Parquet files.",
)
@map_option
@click.option(
    "--model",
    "folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder of a trained model. [default: the champion of MODEL_BUCKET, else the model that ships]",
)
@click.option(
    "--abstain",
    type=click.FloatRange(0, 1),
    default=0.0,
    help="Give no class below this probability; such rows are flagged `unsure`.",
)
@click.option("--text", multiple=True, metavar="COLUMN", help="Keep this column of a text file as text.")
@click.option(
    "--engine", type=click.Choice(["local", "spark"]), default="local", show_default=True, help="What runs it."
)
@click.option("--master", help="Spark's master, such as spark://host:7077. [default: spark-submit's, else local[*]]")
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON.")
def classify(
    inputs: tuple[str, ...],
    out: str,
    mapping: dict[str, str],
    folder: Path | None,
    abstain: float,
    text: tuple[str, ...],
    engine: str,
    master: str | None,
    as_json: bool,
) -> None:
    """Classify the objects of catalogues: files, folders, globs and s3:// addresses, in any of the usual formats.

    Every column is kept; predicted_class, p_galaxy, p_qso, p_star, model_variant, novelty, reliable and flags are
    added. Only u, g, r, i and z are needed; with a redshift the spectroscopic model answers. Rows without an answer are
    listed in OUT.bad.csv.

    Interrupted, it goes on where it was when the same command is given again.
    """
    if find_spec("pyarrow") is None:
        way_out = "`uv sync --inexact --group train --group mlops` installs what catalogues need"
        raise click.ClickException(f"pyarrow is not installed. {way_out}.")
    from stellar import Classifier, open_store
    from stellar.artefact import ArtefactError
    from stellar_pipeline.bulk.run import Options
    from stellar_pipeline.bulk.run import classify as run
    from stellar_pipeline.bulk.spark import SparkMissingError
    from stellar_pipeline.bulk.spark import classify as run_on_spark
    from stellar_pipeline.object_store import StorageError
    from stellar_pipeline.reading.errors import CatalogueError

    try:
        classifier = Classifier.load(folder) if folder else open_store().classifier
        options = Options(mapping, abstain, text)
        if engine == "spark":
            summary = run_on_spark(inputs, out, classifier, options, master)
        else:
            with _progress() as told:
                summary = run(inputs, Path(out), classifier, options, told)
    except (CatalogueError, StorageError, ArtefactError, SparkMissingError) as error:
        raise click.ClickException(str(error)) from None
    except OSError as error:
        raise click.ClickException(f"{error.filename or out}: {error.strerror or error}") from None
    except KeyboardInterrupt:
        way_out = f" The same command goes on from what is in {out}.part" if engine == "local" else ""
        click.echo(f"\nStopped.{way_out}", err=True)
        sys.exit(130)
    if as_json:
        click.echo(json.dumps({"out": str(out), "model_version": classifier.version, **summary.as_dict()}, indent=1))
    else:
        _print(summary, out, listed=engine == "local")


def _print(summary: Summary, out: str, *, listed: bool) -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console()
    answered = sum(summary.classified.values())
    console.print(f"{summary.rows:,} rows are in [bold]{out}[/], {answered:,} with a class:")
    for name, count in summary.classified.items():
        console.print(f"  {name:<8} {count:>14,}")
    console.print(f"by the spectroscopic model {summary.spectroscopic:,}, by the photometric {summary.photometric:,}")
    if summary.unsure:
        console.print(f"{summary.unsure:,} were not sure enough, and are flagged `unsure`")
    if summary.unreliable:
        console.print(f"{summary.unreliable:,} are unlike the training objects: `reliable` is false")
    if summary.unusual:
        console.print(f"{summary.unusual:,} have a value outside its typical range, as their flags say")
    if lost := summary.refused + summary.unreadable:
        where = f"{out}.bad.csv names them with the reason" if listed else "their flags say why"
        console.print(f"[yellow]{lost:,} have no answer[/]; {where}")
    if summary.accuracy is None:
        return
    table = Table(title=f"The catalogue's classes (rows) and the answers: {summary.accuracy:.1%} agree")
    for name in ("", *summary.confusion):
        table.add_column(name, justify="right" if name else "left")
    for name, row in summary.confusion.items():
        table.add_row(name, *(f"{count:,}" for count in row.values()))
    console.print(table)


@contextmanager
def _progress() -> Iterator[Any]:
    """Rows, rate and time left on standard error, which leaves standard output to the summary."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn, TimeRemainingColumn

    console = Console(stderr=True)
    columns = (
        TextColumn("{task.fields[file]}"),
        BarColumn(),
        TextColumn("{task.fields[rows]:>13,} rows"),
        TextColumn("{task.fields[rate]:>9,.0f} rows/s"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True) as bar:
        task: TaskID | None = None
        current = ""

        def told(step: Any) -> None:
            nonlocal task, current
            for note in step.notes:
                console.print(f"[yellow]{step.file}: {note}[/]")
            if task is None or step.file != current:
                if task is not None:
                    bar.remove_task(task)
                current = step.file
                task = bar.add_task("", total=step.total, file=step.file, rows=step.rows, rate=0.0)
            elapsed = bar.tasks[-1].elapsed or 0.0
            rate = step.of_file / elapsed if elapsed else 0.0
            bar.update(task, completed=step.of_file, rows=step.rows, rate=rate)

        yield told
