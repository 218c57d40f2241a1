"""Cleaning a catalogue."""

from __future__ import annotations

import pandas as pd
import pytest

from stellar_pipeline.data.catalogue import clean
from support.catalogues import synthetic_frame


@pytest.fixture
def frame() -> pd.DataFrame:
    return synthetic_frame(200)


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
