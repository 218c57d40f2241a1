"""Catalogues for tests: synthetic ones of any size, and the real sample where it lies beside the repository."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pandas as pd
import pytest

from stellar_pipeline.data.catalogue import Cleaned, clean
from stellar_pipeline.data.synth import generate, write
from stellar_pipeline.reading.training import read

_SHARED = Path(__file__).parents[2].parent / "shared" / "data"
_REAL = _SHARED / "sdss17_sample_10k.csv"
_PHOTOMETRY = _SHARED / "sdss17_photometry_14k.csv"

needs_real_rows = pytest.mark.skipif(not _REAL.exists(), reason="the sample of real rows is not on this machine")
needs_all_real_rows = pytest.mark.skipif(
    not (_REAL.exists() and _PHOTOMETRY.exists()), reason="the sample of real rows is not on this machine"
)


def synthetic_file(folder: Path, rows: int, seed: int = 3) -> Path:
    """A CSV file of synthetic rows."""
    path = folder / f"synthetic-{rows}-{seed}.csv"
    assert sum(write(path, rows, seed)) == rows
    return path


def synthetic_frame(rows: int, seed: int = 3) -> pd.DataFrame:
    """Synthetic rows with all 18 columns."""
    return pd.concat([pd.DataFrame(chunk) for chunk in generate(rows, seed)], ignore_index=True)


@cache
def synthetic(rows: int, seed: int = 3) -> Cleaned:
    """Synthetic rows, cleaned. Shared between tests: not to be changed."""
    return clean(synthetic_frame(rows, seed).drop(columns="rerun_ID"))


def real_file() -> Path:
    """The CSV file of real rows, for tests marked ``needs_real_rows``."""
    return _REAL


@cache
def real() -> Cleaned:
    """The real rows, cleaned, for tests marked ``needs_real_rows``. Shared between tests: not to be changed."""
    return clean(read([_REAL]))


@cache
def all_real() -> Cleaned:
    """What the shipped model was trained on, for tests marked ``needs_all_real_rows``. Not to be changed."""
    return clean(read([_REAL, _PHOTOMETRY]))
