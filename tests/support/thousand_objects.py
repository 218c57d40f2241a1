"""A thousand objects to be asked over several ways: the limits' edges, wrong ones, and synthetic ones."""

from __future__ import annotations

from typing import Any

from stellar import EXAMPLE, FIELDS
from stellar.schema import MAGNITUDES, SENTINEL
from stellar_pipeline.data.synth import generate

ROWS = 1000
IDENTIFIERS = (7, 2**53 + 1, 2**64 - 1)

Row = dict[str, Any]


def at_the_edges() -> list[Row]:
    """The example with one value at, just within or just beyond each limit; photometric; all wrong at once."""
    rows: list[Row] = [{**EXAMPLE, "redshift": None}, {n: v for n, v in EXAMPLE.items() if n != "redshift"}]
    for field in FIELDS:
        step = 1 if field.type is int else 1e-3
        for low, high in ((field.minimum, field.maximum), field.typical or (None, None)):
            values = ([low - step, low, low + step] if low is not None else []) + (
                [high - step, high, high + step] if high is not None else []
            )
            rows += [{**EXAMPLE, field.name: field.type(value)} for value in values]
    rows += [{**EXAMPLE, band: SENTINEL} for band in MAGNITUDES]
    bare = {band: EXAMPLE[band] for band in MAGNITUDES}
    rows += [bare, {**bare, "redshift": 0.644}, {**dict.fromkeys(EXAMPLE), **bare}]
    rows += [{**bare, name: EXAMPLE[name]} for name in EXAMPLE if name not in bare]
    rows += [{**bare, "obj_ID": made, "spec_obj_ID": made} for made in (*IDENTIFIERS, *map(str, IDENTIFIERS))]
    rows.append({**EXAMPLE, **dict.fromkeys(MAGNITUDES, 99.0), "cam_col": 0, "alpha": -1.0})
    return rows


def a_thousand() -> list[Row]:
    """The edges, then synthetic objects of which every third has no redshift."""
    rows = at_the_edges()
    [table] = generate(ROWS - len(rows), seed=11)
    for place in range(ROWS - len(rows)):
        row = {field.name: field.type(table[field.name][place]) for field in FIELDS}
        rows.append({**row, "redshift": None} if place % 3 == 0 else row)
    return rows
