"""All figures of a catalogue as PNG files, and one page with all of them inside."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from stellar.schema import CLASSES, FIELD_BY_NAME, MAGNITUDES
from stellar_pipeline.data.catalogue import Cleaned
from stellar_pipeline.reports.explore.figures import PLOTS
from stellar_pipeline.reports.explore.style import styled
from stellar_pipeline.reports.page import Markup, figure, page, table

PAGE = "index.html"

_SHOWN = (*MAGNITUDES, "redshift", "alpha", "delta")


def draw(cleaned: Cleaned, out: Path, title: str) -> Iterator[Path]:
    """Write the figures, then the page, into a folder, which is made if need be; yields each file. Raises OSError."""
    out.mkdir(parents=True, exist_ok=True)
    pictures: list[Markup] = []
    for plot in PLOTS:
        path = out / f"{plot.name}.png"
        with styled():
            plot.draw(cleaned.rows).savefig(path)
        pictures.append(figure(base64.b64encode(path.read_bytes()).decode(), plot.caption))
        yield path
    lost = f"{cleaned.sentinel:,} with a sentinel, {cleaned.out_of_limits:,} beyond limits"
    lead = f"{cleaned.read:,} rows read; {lost} and {cleaned.duplicates:,} duplicates left out."
    sections = {"Figures": pictures, "Medians": [_medians(cleaned.rows)]}
    (out / PAGE).write_text(page(title, lead, sections), encoding="utf-8")
    yield out / PAGE


def _medians(rows: pd.DataFrame) -> Markup:
    parts = {name: part for name in CLASSES if len(part := rows[rows["class"] == name])}
    lines = [
        (name, FIELD_BY_NAME[name].unit, *(float(part[name].median()) for part in parts.values())) for name in _SHOWN
    ]
    return table(("column", "unit", *parts), lines)
