"""``stellar explore``: figures of a catalogue at one command."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import click

from stellar_pipeline.cli.mapping import map_option

_DRAWN = ("u", "g", "r", "i", "z", "class", "redshift", "alpha", "delta")
"""Columns that the figures are of."""


@click.command()
@click.option(
    "--data",
    required=True,
    multiple=True,
    metavar="IN",
    help="Catalogue: a file, folder, glob or s3:// address, in any of the usual formats; may be repeated.",
)
@map_option
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="Folder for the PNG files and index.html.",
)
def explore(data: tuple[str, ...], mapping: dict[str, str], out: Path) -> None:
    """Draw a catalogue: class balance, colours, redshifts, sky map, correlation."""
    if missing := [name for name in ("matplotlib", "pandas", "pyarrow") if find_spec(name) is None]:
        way_out = "`uv sync --inexact --group train --group mlops` installs what figures need"
        raise click.ClickException(f"{', '.join(missing)} not installed. {way_out}.")
    from stellar_pipeline.data.catalogue import clean
    from stellar_pipeline.object_store import StorageError
    from stellar_pipeline.reading.errors import CatalogueError
    from stellar_pipeline.reading.training import read
    from stellar_pipeline.reports.explore.gallery import draw

    names = ", ".join(Path(each).name for each in data)
    try:
        cleaned = clean(read(data, mapping, _DRAWN))
        if not len(cleaned.rows):
            raise click.ClickException(f"{names} has no row that can be drawn")
        for path in draw(cleaned, out, f"Catalogue {names}"):
            click.echo(path)
    except (CatalogueError, StorageError, OSError) as error:
        raise click.ClickException(str(error)) from None
