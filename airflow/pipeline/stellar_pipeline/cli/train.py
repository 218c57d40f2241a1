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

_CATALOGUE = click.Path(exists=True, dir_okay=False, path_type=Path)
_FILE = click.Path(dir_okay=False, writable=True, path_type=Path)
_FOLDER = click.Path(file_okay=False, path_type=Path)


@click.command()
@click.option(
    "--data",
    type=_CATALOGUE,
    required=True,
    multiple=True,
    help="Catalogue: a CSV file with u, g, r, i, z, redshift and class, and the other columns if they are known. "
    "Given more than once, the files' rows are taken together.",
)
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
    data: tuple[Path, ...],
    out: Path,
    seed: int,
    source: str | None,
    provenance: Provenance,
    quick: bool,
    as_json: bool,
) -> None:
    """Train, evaluate and export both variants of the model: about a minute for 25,000 rows."""
    _need("onnx", "pandas", "scikit-learn")
    from stellar_pipeline.data import catalogue
    from stellar_pipeline.model import artefact, training
    from stellar_pipeline.model.members import QUICK, Settings
    from stellar_pipeline.reports import report

    console = Console(stderr=as_json)
    settings = QUICK if quick else Settings()
    try:
        cleaned = catalogue.clean(catalogue.read_photometry(*data))
        if not as_json:
            report.print_cleaning(console, cleaned)
        with _progress("training", training.fits(settings)) as (bar, task):
            trained = training.train(
                cleaned, settings, seed, lambda done: bar.update(task, advance=1, description=done)
            )
        made = artefact.package(trained, cleaned, source or ", ".join(path.name for path in data), provenance)
        artefact.write(made, out)
    except (catalogue.CatalogueError, artefact.ExportError, OSError) as error:
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
@click.option("--data", "catalogue_file", type=_CATALOGUE, required=True, help="Real rows: a CSV file.")
@click.option("--seed", type=click.IntRange(0, 2**31), default=17, show_default=True, help="Same seed, same fit.")
@click.option("--out", type=_FILE, help="Where to put the parameters. [default: where `stellar data synth` reads them]")
def fit_synth(catalogue_file: Path, seed: int, out: Path | None) -> None:
    """Fit the distributions of the synthetic catalogue to real rows."""
    _need("pandas", "scikit-learn")
    from stellar_pipeline.data import catalogue, synth_fit
    from stellar_pipeline.data.synth import PARAMETERS_FILE

    target = out or PARAMETERS_FILE
    try:
        target.write_text(synth_fit.to_json(synth_fit.fit(catalogue.read(catalogue_file), seed)))
    except (catalogue.CatalogueError, OSError) as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"Parameters are in {target}")


@data.command(short_help="Get real rows from SDSS SkyServer, or from a CSV file.")
@click.option("--out", type=_FILE, required=True, help="CSV file to write.")
@click.option("--rows", type=click.IntRange(min=1), help="About how many rows. [default: 100,000; of a CSV file, all]")
@click.option("--from-csv", "source", type=_CATALOGUE, help="Take the rows of a CSV file instead, such as Kaggle's.")
@click.option("--server", default="https://skyserver.sdss.org", show_default=True, help="SkyServer, or a mirror of it.")
def fetch(out: Path, rows: int | None, source: Path | None, server: str) -> None:
    """Get real rows from SDSS SkyServer (Data Release 17), or from a CSV file.

    Interrupted, it goes on where it was when the same command is given again.
    """
    _need("astroquery", "pandas")
    from stellar_pipeline.data import fetch as steps
    from stellar_pipeline.data.catalogue import CatalogueError

    try:
        if source is not None:
            with atomic_write(out) as file:
                count = steps.copy(source, file, rows)
        else:
            with _progress(server, steps.windows()) as (bar, task):
                for step in steps.fetch(out, rows or 100_000, server=server):
                    count = step.rows
                    bar.update(task, completed=step.windows_done, description=f"{count:,} rows")
    except steps.FetchError as error:
        raise click.ClickException(f"{error}\n{_way_out(out)}") from None
    except (CatalogueError, OSError) as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"{count:,} rows are in {out}")


def _way_out(out: Path) -> str:
    return (
        "Rows that came are kept: the same command goes on from there.\n"
        f"Without a network: take the SDSS17 file from {KAGGLE}\n"
        f"and run `stellar data fetch --from-csv star_classification.csv --out {out}`,\n"
        f"or make rows with `stellar data synth --rows 100000 --seed 0 --out {out}`."
    )


def _need(*packages: str) -> None:
    """Raise click.ClickException, which names the command that installs them, if packages are not there."""
    missing = [name for name in packages if find_spec(TRAINING_PACKAGES[name]) is None]
    if missing:
        group, need = ("mlops", "Parquet") if missing == ["pyarrow"] else ("train", "training")
        raise click.ClickException(
            f"{', '.join(missing)} not installed. `uv sync --inexact --group {group}` installs what {need} needs."
        )


@contextmanager
def _progress(text: str, total: int) -> Iterator[tuple[Progress, TaskID]]:
    """A bar on standard error, which leaves standard output to results."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        yield bar, bar.add_task(text, total=total)
