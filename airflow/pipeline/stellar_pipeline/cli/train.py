"""``stellar train`` and ``stellar data``: the pipeline's steps at a terminal.

Packages of the ``train`` group are imported inside the commands that need them, so that ``--help`` works without.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from stellar_pipeline.atomic_write import atomic_write
from stellar_pipeline.cli.mapping import map_option

if TYPE_CHECKING:
    from stellar.manifest import Provenance

TRAINING_PACKAGES = {
    "astroquery": "astroquery",
    "onnx": "onnx",
    "pandas": "pandas",
    "pyarrow": "pyarrow",
    "scikit-learn": "sklearn",
}

KAGGLE = "https://www.kaggle.com/datasets/fedesoriano/stellar-classification-dataset-sdss17"

_FILE = click.Path(dir_okay=False, writable=True, path_type=Path)
_FOLDER = click.Path(file_okay=False, path_type=Path)


@click.command()
@click.option(
    "--data",
    required=True,
    multiple=True,
    metavar="IN",
    help="Catalogue with u, g, r, i, z, redshift and class: a file, folder, glob or s3:// address, in any of the usual "
    "formats. May be repeated: the rows are taken together.",
)
@map_option
@click.option("--out", type=_FOLDER, required=True, help="Folder for model.onnx and manifest.json.")
@click.option("--seed", type=click.IntRange(0, 2**31), default=17, show_default=True, help="Same seed, same model.")
@click.option("--source", help="Where the rows are from, for the manifest. [default: the files' names]")
@click.option(
    "--provenance",
    type=click.Choice(["real", "synthetic", "mixed", "unknown"]),
    default="unknown",
    show_default=True,
    help="What the rows are. A model of synthetic rows never takes the place of one of real rows by itself.",
)
@click.option("--quick", is_flag=True, help="A small, poor model in a few seconds, to try things out.")
@click.option("--json", "as_json", is_flag=True, help="Print the manifest instead of tables.")
def train(
    data: tuple[str, ...],
    mapping: dict[str, str],
    out: Path,
    seed: int,
    source: str | None,
    provenance: Provenance,
    quick: bool,
    as_json: bool,
) -> None:
    """Train, evaluate and export both variants of the model: about a minute for 25,000 rows."""
    _need("onnx", "pandas", "pyarrow", "scikit-learn")
    from stellar_pipeline.data.catalogue import clean
    from stellar_pipeline.model import artefact, training
    from stellar_pipeline.model.members import QUICK, Settings
    from stellar_pipeline.object_store import StorageError
    from stellar_pipeline.reading.errors import CatalogueError
    from stellar_pipeline.reading.training import read
    from stellar_pipeline.reports import report

    console = Console(stderr=as_json)
    settings = QUICK if quick else Settings()
    try:
        cleaned = clean(read(data, mapping))
        if not as_json:
            report.print_cleaning(console, cleaned)
        with _progress("training", training.fits(settings)) as (bar, task):
            trained = training.train(
                cleaned, settings, seed, lambda done: bar.update(task, advance=1, description=done)
            )
        names = source or ", ".join(Path(each).name for each in data)
        made = artefact.package(trained, cleaned, names, provenance)
        artefact.write(made, out)
    except (CatalogueError, StorageError, artefact.ExportError, OSError) as error:
        raise click.ClickException(str(error)) from None
    if as_json:
        click.echo(made.manifest.model_dump_json(indent=1))
    else:
        report.print_metrics(console, made.manifest)
        console.print(f"\nModel [bold]{made.version}[/] ({len(made.model) / 1024:,.0f} KiB) is in {out}")


@click.group()
def data() -> None:
    """Fetch real catalogue rows, or make synthetic ones."""


@data.command(short_help="Make a synthetic catalogue of any size.")
@click.option("--rows", type=click.IntRange(min=1), required=True, help="How many rows.")
@click.option("--seed", type=click.IntRange(0, 2**31), default=0, show_default=True, help="Same seed, same rows.")
@click.option("--out", type=_FILE, required=True, help="File to write: CSV, or Parquet if its name ends so.")
def synth(rows: int, seed: int, out: Path) -> None:
    """Make a synthetic catalogue whose distributions were fitted to real rows."""
    if out.suffix == ".parquet":
        _need("pandas")
        _need("pyarrow")
        from stellar_pipeline.etl.tables import write_synthetic as write
    else:
        from stellar_pipeline.data.synth import write
    try:
        with atomic_write(out) as file, _progress("rows", rows) as (bar, task):
            for written in write(file, rows, seed):
                bar.update(task, advance=written)
    except OSError as error:
        raise click.ClickException(f"{out} cannot be written: {error.strerror}") from None
    click.echo(f"{rows:,} rows are in {out}")


@data.command("fit-synth")
@click.option("--data", "source", required=True, metavar="IN", help="Real rows, with all columns.")
@map_option
@click.option("--seed", type=click.IntRange(0, 2**31), default=17, show_default=True, help="Same seed, same fit.")
@click.option("--out", type=_FILE, help="Where to put the parameters. [default: where `stellar data synth` reads them]")
def fit_synth(source: str, mapping: dict[str, str], seed: int, out: Path | None) -> None:
    """Fit the distributions of the synthetic catalogue to real rows."""
    _need("pandas", "pyarrow", "scikit-learn")
    from stellar_pipeline.data import synth_fit
    from stellar_pipeline.data.columns import COLUMNS
    from stellar_pipeline.data.synth import PARAMETERS_FILE
    from stellar_pipeline.object_store import StorageError
    from stellar_pipeline.reading.errors import CatalogueError
    from stellar_pipeline.reading.training import read

    target = out or PARAMETERS_FILE
    try:
        needed = [name for name in COLUMNS if name != "rerun_ID"]
        target.write_text(synth_fit.to_json(synth_fit.fit(read([source], mapping, needed), seed)))
    except (CatalogueError, StorageError, OSError) as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"Parameters are in {target}")


@data.command(short_help="Get real rows from SDSS SkyServer, or from a catalogue.")
@click.option("--out", type=_FILE, required=True, help="CSV file to write.")
@click.option("--rows", type=click.IntRange(min=1), help="About how many rows. [default: 100,000; of a catalogue, all]")
@click.option(
    "--from",
    "--from-csv",
    "source",
    metavar="IN",
    help="Take the rows of a catalogue instead, such as Kaggle's: a file, folder, glob or s3:// address.",
)
@map_option
@click.option("--server", default="https://skyserver.sdss.org", show_default=True, help="SkyServer, or a mirror of it.")
def fetch(out: Path, rows: int | None, source: str | None, mapping: dict[str, str], server: str) -> None:
    """Get real rows from SDSS SkyServer (Data Release 17), or from a catalogue that one has.

    Interrupted, it goes on where it was when the same command is given again.
    """
    _need(*(["pandas", "pyarrow"] if source else ["astroquery"]))
    from stellar_pipeline.data import fetch as steps
    from stellar_pipeline.object_store import StorageError
    from stellar_pipeline.reading.errors import CatalogueError

    try:
        if source is not None:
            with atomic_write(out) as file:
                count = steps.copy([source], file, rows, mapping)
        else:
            with _progress(server, steps.windows()) as (bar, task):
                for step in steps.fetch(out, rows or 100_000, server=server):
                    count = step.rows
                    bar.update(task, completed=step.windows_done, description=f"{count:,} rows")
    except steps.FetchError as error:
        raise click.ClickException(f"{error}\n{_way_out(out)}") from None
    except (CatalogueError, StorageError, OSError) as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"{count:,} rows are in {out}")


def _way_out(out: Path) -> str:
    return (
        "Rows that came are kept: the same command goes on from there.\n"
        f"Without a network: take the SDSS17 file from {KAGGLE}\n"
        f"and run `stellar data fetch --from star_classification.csv --out {out}`,\n"
        f"or make rows with `stellar data synth --rows 100000 --seed 0 --out {out}`."
    )


def _need(*packages: str) -> None:
    """Raise click.ClickException, which names the command that installs them, if packages are not there."""
    missing = [name for name in packages if find_spec(TRAINING_PACKAGES[name]) is None]
    if missing:
        raise click.ClickException(
            f"{', '.join(missing)} not installed. `uv sync --inexact --group train` installs what training needs."
        )


@contextmanager
def _progress(text: str, total: int) -> Iterator[tuple[Progress, TaskID]]:
    """A bar on standard error, which leaves standard output to results."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        yield bar, bar.add_task(text, total=total)
