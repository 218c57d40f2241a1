"""``stellar explore``: figures of a catalogue at one command."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import click


@click.command()
@click.option(
    "--data",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    required=True,
    help="Catalogue, a CSV or Parquet file.",
)
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="Folder for the PNG files and index.html.",
)
def explore(data: Path, out: Path) -> None:
    """Draw a catalogue: class balance, colours, redshifts, sky map, correlation."""
    if missing := [name for name in ("matplotlib", "pandas", "pyarrow") if find_spec(name) is None]:
        way_out = "`uv sync --inexact --group train --group mlops` installs what figures need"
        raise click.ClickException(f"{', '.join(missing)} not installed. {way_out}.")
    from stellar_pipeline.data.catalogue import CatalogueError
    from stellar_pipeline.reports.explore.gallery import draw, load

    try:
        cleaned = load(data)
        if not len(cleaned.rows):
            raise click.ClickException(f"{data.name} has no row that can be drawn")
        for path in draw(cleaned, out, f"Catalogue {data.name}"):
            click.echo(path)
    except (CatalogueError, OSError) as error:
        raise click.ClickException(str(error)) from None
