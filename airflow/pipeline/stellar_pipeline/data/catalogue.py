"""The rows of a catalogue that a model can learn from.

The columns are those of the SDSS ``PhotoObj`` and ``SpecObj`` tables, under the names of the SDSS17 data set.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stellar.schema import CLASSES, FIELD_BY_NAME, MAGNITUDES, SENTINEL
from stellar_pipeline.reading.errors import CatalogueError

__all__ = ["CatalogueError", "Cleaned", "clean"]

_SPECTRUM = ["plate", "MJD", "fiber_ID"]
_OBJECT = ["alpha", "delta", *MAGNITUDES]


@dataclass(frozen=True, slots=True)
class Cleaned:
    """The rows to learn from, without ``rerun_ID``, and how many were left out for which reason."""

    rows: pd.DataFrame
    read: int
    sentinel: int
    out_of_limits: int
    duplicates: int

    @property
    def labels(self) -> NDArray[np.intp]:
        """The class of each row, as its place in ``stellar.schema.CLASSES``."""
        return np.array([CLASSES.index(name) for name in self.rows["class"]], dtype=np.intp)

    @property
    def plates(self) -> NDArray[np.int64]:
        """The spectroscopic plate of each row: rows of one plate share target selection and calibration.

        A row whose plate is not known has a negative number of its own.
        """
        return self.rows["plate"].fillna(pd.Series(-1 - np.arange(len(self.rows)))).to_numpy(dtype=np.int64)

    @property
    def class_counts(self) -> dict[str, int]:
        return {name: int((self.rows["class"] == name).sum()) for name in CLASSES}

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the rows: their numbers as little-endian float64, column after column, then their classes."""
        digest = hashlib.sha256()
        for column in self.rows.columns.drop("class"):
            digest.update(self.rows[column].to_numpy(dtype="<f8").tobytes())
        digest.update(self.labels.astype("u1").tobytes())
        return digest.hexdigest()


def clean(frame: pd.DataFrame) -> Cleaned:
    """Leave out rows with a sentinel magnitude, with values beyond the hard limits of the schema, and duplicates.

    ``obj_ID`` is no key: the data set writes it as a float, which rounds neighbouring objects to one number. A
    duplicate is a second row of the same spectrum (plate, MJD, fibre), or of the same object (position and all five
    magnitudes equal) that was observed again: kept, the two would put one object's photometry on both sides of a
    split. The latest spectrum stays.
    """
    sentinel = (frame[list(MAGNITUDES)] == SENTINEL).any(axis=1)
    measured = [FIELD_BY_NAME[name] for name in (*MAGNITUDES, "redshift")]
    limits = [(field.name, field.minimum, field.maximum or np.inf) for field in measured]
    within = np.all([frame[name].between(low, high) for name, low, high in limits], axis=0)
    kept = frame[within & ~sentinel]
    by_date = kept.sort_values("MJD", kind="stable", na_position="first")
    nameless = by_date[_SPECTRUM].isna().any(axis=1)
    again = by_date.duplicated(_SPECTRUM, keep="last") & ~nameless
    unique = by_date[~again].drop_duplicates(_OBJECT, keep="last").sort_index()
    return Cleaned(
        rows=unique.reset_index(drop=True),
        read=len(frame),
        sentinel=int(sentinel.sum()),
        out_of_limits=int((~within & ~sentinel).sum()),
        duplicates=len(kept) - len(unique),
    )
