"""Reading and cleaning a catalogue."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from stellar_pipeline.data.catalogue import (
    CatalogueError,
    ColumnValueError,
    MissingColumnError,
    clean,
    load,
    read,
    read_photometry,
)
from stellar_pipeline.data.columns import COLUMNS
from support.catalogues import synthetic_frame


@pytest.fixture
def frame() -> pd.DataFrame:
    return synthetic_frame(200)


def _csv(frame: pd.DataFrame, folder: Path) -> Path:
    path = folder / "rows.csv"
    frame.to_csv(path, index=False)
    return path


def test_reading_drops_rerun_and_ignores_further_columns(frame: pd.DataFrame, tmp_path: Path) -> None:
    path = _csv(frame.assign(note="x")[["note", *reversed(COLUMNS)]], tmp_path)
    assert list(load(path).columns) == list(COLUMNS)
    assert list(read(path).columns) == [name for name in COLUMNS if name != "rerun_ID"]


def test_missing_columns_are_named(frame: pd.DataFrame, tmp_path: Path) -> None:
    path = _csv(frame.drop(columns=["redshift", "plate"]), tmp_path)
    with pytest.raises(MissingColumnError, match=r"rows\.csv lacks redshift, plate") as raised:
        read(path)
    assert raised.value.missing == ["redshift", "plate"]


def test_a_value_that_is_no_number_is_named_with_its_row(frame: pd.DataFrame, tmp_path: Path) -> None:
    frame = frame.astype({"u": object})
    frame.loc[2, "u"] = "bright"
    with pytest.raises(ColumnValueError, match=r"u is no number in row 3 of rows\.csv: 'bright'"):
        read(_csv(frame, tmp_path))


def test_an_unknown_class_is_named_with_its_row(frame: pd.DataFrame, tmp_path: Path) -> None:
    frame.loc[4, "class"] = "COMET"
    with pytest.raises(ColumnValueError, match=r"class is not one of .* in row 5 of rows\.csv: 'COMET'"):
        read(_csv(frame, tmp_path))


def test_a_catalogue_of_column_names_alone_has_no_rows(frame: pd.DataFrame, tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match=r"rows\.csv has no rows"):
        read(_csv(frame.iloc[:0], tmp_path))


@pytest.mark.parametrize("content", [b"", b'a,b\n"1,2\n"3', b"\x89PNG\xff\xfe"])
def test_a_file_that_is_no_catalogue_is_refused(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_bytes(content)
    with pytest.raises(CatalogueError):
        read(path)


def test_rows_with_a_sentinel_or_beyond_limits_are_left_out_and_counted(frame: pd.DataFrame) -> None:
    frame.loc[0, ["u", "g", "z"]] = -9999.0
    frame.loc[1, "i"] = 41.0
    frame.loc[2, "redshift"] = -0.2
    frame.loc[3, "r"] = float("nan")
    cleaned = clean(frame)
    assert (cleaned.read, cleaned.sentinel, cleaned.out_of_limits, cleaned.duplicates) == (200, 1, 3, 0)
    assert len(cleaned.rows) == 196


def test_negative_redshift_is_kept(frame: pd.DataFrame) -> None:
    frame["redshift"] = -0.004
    assert len(clean(frame).rows) == 200


def test_a_shared_obj_id_is_no_duplicate(frame: pd.DataFrame) -> None:
    frame["obj_ID"] = 1.2376632049208525e18
    assert clean(frame).duplicates == 0


def test_the_same_spectrum_twice_is_a_duplicate(frame: pd.DataFrame) -> None:
    frame.loc[7, ["plate", "MJD", "fiber_ID"]] = frame.loc[8, ["plate", "MJD", "fiber_ID"]]
    assert clean(frame).duplicates == 1


def test_of_an_object_observed_again_the_latest_spectrum_stays(frame: pd.DataFrame) -> None:
    again = frame.loc[[10]].assign(plate=9000, MJD=58000, fiber_ID=5, redshift=0.5)
    cleaned = clean(pd.concat([again, frame], ignore_index=True))
    assert cleaned.duplicates == 1
    kept = cleaned.rows[cleaned.rows["alpha"] == frame.loc[10, "alpha"]]
    assert kept["redshift"].tolist() == [0.5]


def test_the_fingerprint_follows_the_rows(frame: pd.DataFrame) -> None:
    frame = frame.drop(columns="rerun_ID")
    same, other = clean(frame.copy()), clean(frame.assign(redshift=frame["redshift"] + 1e-9))
    assert clean(frame).fingerprint == same.fingerprint != other.fingerprint


def test_rows_of_photometry_and_class_are_enough_and_files_are_taken_together(
    frame: pd.DataFrame, tmp_path: Path
) -> None:
    whole, photometry = _csv(frame.iloc[:120], tmp_path), tmp_path / "photometry.csv"
    frame.iloc[120:][[*"ugriz", "redshift", "class"]].to_csv(photometry, index=False)
    cleaned = clean(read_photometry(whole, photometry))
    assert cleaned.read == len(frame)
    assert len(cleaned.rows) == len(clean(frame.drop(columns="rerun_ID")).rows)
    unknown = cleaned.rows["plate"].isna().to_numpy()
    assert unknown.sum() == 80
    assert len(set(cleaned.plates[unknown])) == 80
    assert (cleaned.plates[unknown] < 0).all()


def test_an_object_without_a_spectrum_is_a_duplicate_of_its_own_photometry_alone(
    frame: pd.DataFrame, tmp_path: Path
) -> None:
    photometry = tmp_path / "photometry.csv"
    rows = frame.iloc[:10][[*"ugriz", "redshift", "class"]]
    pd.concat([rows, rows.iloc[:3]]).to_csv(photometry, index=False)
    assert clean(read_photometry(photometry)).duplicates == 3


def test_photometry_that_lacks_a_band_is_refused(frame: pd.DataFrame, tmp_path: Path) -> None:
    path = _csv(frame.drop(columns="g"), tmp_path)
    with pytest.raises(
        MissingColumnError, match=r"rows\.csv lacks g; a catalogue has the columns u, g, r, i, z, class"
    ):
        read_photometry(path)
