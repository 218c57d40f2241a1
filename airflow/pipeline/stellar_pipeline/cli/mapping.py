"""``--map``: which column of a file is which field, where the names of its columns do not tell."""

from __future__ import annotations

import click


class Mapping(click.ParamType[dict[str, str]]):
    """``redshift=z,z=modelMag_z`` as field → column."""

    name = "FIELD=COLUMN,…"

    def convert(
        self, value: str | dict[str, str], param: click.Parameter | None, ctx: click.Context | None
    ) -> dict[str, str]:
        if isinstance(value, dict):
            return value
        from stellar_pipeline.reading.columns import parse_map
        from stellar_pipeline.reading.errors import CatalogueError

        try:
            return parse_map(value)
        except CatalogueError as error:
            self.fail(str(error), param, ctx)


map_option = click.option(
    "--map",
    "mapping",
    type=Mapping(),
    default={},
    help="Which column is which field, where names do not tell: --map redshift=z,z=modelMag_z.",
)
