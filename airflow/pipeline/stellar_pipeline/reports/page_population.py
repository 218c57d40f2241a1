"""Where the training rows lie, for the page's diagrams: ``python -m stellar_pipeline.reports.page_population``.

Real rows are not shipped. These are drawn from the distributions that ``data.synth`` ships, which were fitted to
the rows that the model was trained on.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stellar.schema import CLASSES
from stellar_pipeline.data.synth import generate

FILE = Path("frontend/src/data/population.json")
"""From the root of the repository, where it is run."""
ROWS = 10_000
POINTS = 200
"""Objects of each class on the colour–colour diagram."""
REDSHIFT_EDGES = (-0.01, -0.001, -0.0001, 0.0, 0.0001, 0.001, 0.01, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.5, 2, 3, 4, 7)
"""Edges of the redshift's bins: fine about zero, where the stars are."""

_FAINTEST = 40.0  # magnitudes beyond are the catalogue's mark of a lost measurement


def population(seed: int = 0) -> dict[str, Any]:
    """For each class: ``points`` as pairs of u − g and g − r [mag], and ``redshift``, its share of rows in each bin."""
    (rows,) = generate(ROWS, seed)
    measured = np.all([np.abs(rows[band]) < _FAINTEST for band in "ugr"], axis=0)
    return {
        "edges": REDSHIFT_EDGES,
        "classes": {name: _class(rows, measured & (rows["class"] == name)) for name in CLASSES},
    }


def _class(rows: dict[str, NDArray[Any]], chosen: NDArray[np.bool_]) -> dict[str, Any]:
    colours = np.column_stack([(rows["u"] - rows["g"])[chosen], (rows["g"] - rows["r"])[chosen]])
    counts, _ = np.histogram(rows["redshift"][chosen], REDSHIFT_EDGES)
    return {
        "points": colours[:POINTS].round(2).tolist(),
        "redshift": (counts / max(chosen.sum(), 1)).round(4).tolist(),
    }


if __name__ == "__main__":
    FILE.write_text(f"{json.dumps(population(), separators=(',', ':'))}\n")
