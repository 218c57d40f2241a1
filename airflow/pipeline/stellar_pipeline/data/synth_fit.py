"""Fit the distributions that ``synth`` draws from to a real catalogue. What is kept are numbers about rows, no row."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.mixture import GaussianMixture
from threadpoolctl import threadpool_limits

from stellar.schema import CLASSES, MAGNITUDES, SENTINEL
from stellar_pipeline.data.catalogue import CatalogueError, Cleaned, clean
from stellar_pipeline.data.synth import REDSHIFT_SCALE, SKY_CELLS

COMPONENTS = {"GALAXY": 24, "QSO": 16, "STAR": 16}
"""Gaussians of each class's mixture: enough that a model cannot tell much better than on real rows."""

_QUANTILES = np.linspace(0, 1, 51)


def fit(frame: pd.DataFrame, seed: int) -> dict[str, Any]:
    """The parameters, ready to be written as JSON, for rows of ``reading.training.read``. Raises CatalogueError."""
    cleaned = clean(frame)
    few = [name for name, count in cleaned.class_counts.items() if count < COMPONENTS[name]]
    if few:
        needed = ", ".join(f"{count} of {name}" for name, count in COMPONENTS.items())
        raise CatalogueError(f"too few rows of {', '.join(few)} after cleaning; fitting needs at least {needed}")
    rows = cleaned.rows
    plates, dates = _dates(rows)
    scatter = rows["MJD"] - np.interp(rows["plate"], plates, dates)
    sentinels = (frame[list(MAGNITUDES)] == SENTINEL).any()
    return {
        "classes": {name: _class(rows[rows["class"] == name], cleaned, name, seed) for name in CLASSES},
        "plate_of_date": plates,
        "date_of_plate": dates,
        "date_deviation": round(float(scatter.std()), 1),
        "runs": _quantiles(rows["run_ID"]),
        "fields": _quantiles(rows["field_ID"]),
        "sentinel_share": cleaned.sentinel / cleaned.read,
        "sentinel_bands": [name for name in MAGNITUDES if sentinels[name]],
    }


def to_json(parameters: dict[str, Any]) -> str:
    """The file that ``synth`` reads."""
    return json.dumps(parameters, separators=(",", ":")) + "\n"


def _class(rows: pd.DataFrame, cleaned: Cleaned, name: str, seed: int) -> dict[str, Any]:
    magnitudes = rows[list(MAGNITUDES)].to_numpy()
    redshift = np.arcsinh(rows["redshift"].to_numpy() * REDSHIFT_SCALE)
    measured = np.column_stack([magnitudes[:, 2], magnitudes[:, :-1] - magnitudes[:, 1:], redshift])
    with threadpool_limits(limits=1):
        mixture = GaussianMixture(COMPONENTS[name], reg_covar=1e-4, random_state=seed, max_iter=300).fit(measured)
    factors = np.linalg.cholesky(mixture.covariances_)
    cells, counts = _footprint(rows)
    return {
        "share": len(rows) / len(cleaned.rows),
        "weights": _rounded(mixture.weights_),
        "means": _rounded(mixture.means_),
        "triangles": _rounded(factors[:, *np.tril_indices(measured.shape[1])]),
        "lowest": _rounded(measured.min(axis=0)),
        "highest": _rounded(measured.max(axis=0)),
        "cells": cells,
        "cell_counts": counts,
        "plates": _quantiles(rows["plate"]),
    }


def _footprint(rows: pd.DataFrame) -> tuple[list[int], list[int]]:
    """Cells of ``SKY_CELLS`` that hold rows, and how many."""
    column = (rows["alpha"].to_numpy() % 360 / 360 * SKY_CELLS[0]).astype(np.intp)
    sine = np.sin(np.radians(rows["delta"].to_numpy()))
    row = np.clip((sine + 1) / 2 * SKY_CELLS[1], 0, SKY_CELLS[1] - 1).astype(np.intp)
    cells, counts = np.unique(column * SKY_CELLS[1] + row, return_counts=True)
    return cells.tolist(), counts.tolist()


def _dates(rows: pd.DataFrame) -> tuple[list[float], list[float]]:
    """Plates were numbered, by and large, in the order in which they were observed: a line from plate to date."""
    ordered = rows.sort_values("plate")
    parts = np.array_split(ordered[["plate", "MJD"]].to_numpy(dtype=np.float64), len(_QUANTILES))
    middles = np.array([np.median(part, axis=0) for part in parts if len(part)])
    plates, first = np.unique(middles[:, 0], return_index=True)
    return plates.tolist(), np.maximum.accumulate(middles[first, 1]).tolist()


def _quantiles(values: pd.Series[Any]) -> list[float]:
    return _rounded(np.quantile(values.to_numpy(dtype=np.float64), _QUANTILES))


def _rounded(values: NDArray[np.float64]) -> list[Any]:
    """Five significant digits: enough to draw from."""
    rounded: list[Any] = np.vectorize(lambda value: float(f"{value:.5g}"), otypes=[float])(values).tolist()
    return rounded
