"""Read a catalogue, and keep the rows that a model can learn from.

The columns are those of the SDSS ``PhotoObj`` and ``SpecObj`` tables, under the names of the SDSS17 data set.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stellar.schema import CLASSES, FIELD_BY_NAME, MAGNITUDES, SENTINEL
from stellar_pipeline.data.columns import COLUMNS

_SPECTRUM = ["plate", "MJD", "fiber_ID"]
_OBJECT = ["alpha", "delta", *MAGNITUDES]

REQUIRED = (*MAGNITUDES, "class", "redshift")
"""Columns that training cannot do without."""


class CatalogueError(ValueError):
    """The file cannot be used as a catalogue."""


class MissingColumnError(CatalogueError):
    """The file lacks columns."""

    def __init__(self, path: Path, missing: list[str], required: tuple[str, ...] = COLUMNS) -> None:
        super().__init__(f"{path.name} lacks {', '.join(missing)}; a catalogue has the columns {', '.join(required)}")
        self.missing = missing


class ColumnValueError(CatalogueError):
    """A column holds something that is not of its kind."""


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


def load(path: Path) -> pd.DataFrame:
    """The 18 columns of a catalogue in a CSV file; columns beyond them are ignored.

    Raises MissingColumnError; ColumnValueError where a number or a class is none; CatalogueError where the file is
    not CSV or has no rows; OSError.
    """
    return _load(path, COLUMNS)


def _load(path: Path, required: tuple[str, ...]) -> pd.DataFrame:
    """Those of the 18 columns that a file has, all ``required`` ones among them."""
    try:
        frame = pd.read_csv(path, encoding="utf-8-sig", low_memory=False)
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError) as error:
        raise CatalogueError(f"{path.name} is not a CSV file: {error}") from None
    missing = [name for name in required if name not in frame.columns]
    if missing:
        raise MissingColumnError(path, missing, required)
    if frame.empty:
        raise CatalogueError(f"{path.name} has no rows")
    frame = frame[[name for name in COLUMNS if name in frame.columns]]
    for name in frame.columns.drop("class"):
        if not pd.api.types.is_numeric_dtype(frame[name]):
            wrong = frame[name][pd.to_numeric(frame[name], errors="coerce").isna() & frame[name].notna()]
            raise ColumnValueError(f"{name} is no number in row {wrong.index[0] + 1} of {path.name}: {wrong.iloc[0]!r}")
    unknown = frame["class"][~frame["class"].isin(CLASSES)]
    if len(unknown):
        place = f"row {unknown.index[0] + 1} of {path.name}"
        raise ColumnValueError(f"class is not one of {', '.join(CLASSES)} in {place}: {unknown.iloc[0]!r}")
    return frame


def read(path: Path) -> pd.DataFrame:
    """A catalogue without ``rerun_ID``, which is one and the same number in all of it. Raises as ``load``."""
    return load(path).drop(columns="rerun_ID")


def read_photometry(*paths: Path) -> pd.DataFrame:
    """The rows of one or more files that need to have ``REQUIRED`` alone, one file after the other.

    A column beside them that a file lacks is NaN in its rows. Raises as ``load``.
    """
    frames = [_load(path, REQUIRED) for path in paths]
    columns = [name for name in COLUMNS if name != "rerun_ID"]
    return pd.concat([frame.reindex(columns=columns) for frame in frames], ignore_index=True)


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
