"""Synthetic catalogues."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier

from stellar.schema import CLASSES, FIELDS, MAGNITUDES, SENTINEL
from stellar.validation import validate
from stellar_pipeline.data import synth_fit
from stellar_pipeline.data.columns import COLUMNS
from stellar_pipeline.data.synth import CHUNK, PARAMETERS_FILE, Parameters, generate, shipped_parameters, write
from stellar_pipeline.model.evaluate import macro_f1
from stellar_pipeline.model.features import for_trees, model_input
from support.catalogues import needs_real_rows, real, synthetic, synthetic_frame


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    return synthetic_frame(40_000, seed=1)


def test_the_same_seed_gives_the_same_file(tmp_path: Path) -> None:
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        assert sum(write(tmp_path / name, 500, seed)) == 500
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes() != (tmp_path / "c").read_bytes()


def test_a_longer_catalogue_begins_like_a_shorter_one() -> None:
    short, long = synthetic_frame(300, seed=4), synthetic_frame(CHUNK + 700, seed=4)
    assert len(long) == CHUNK + 700
    pd.testing.assert_frame_equal(short, long[:300])


def test_rows_come_in_chunks() -> None:
    assert [len(chunk["class"]) for chunk in generate(2 * CHUNK + 1, seed=0)] == [CHUNK, CHUNK, 1]


def test_the_file_has_the_catalogues_columns(tmp_path: Path) -> None:
    assert sum(write(tmp_path / "rows.csv", 3, seed=0)) == 3
    with (tmp_path / "rows.csv").open(newline="") as file:
        header, *rows = csv.reader(file)
    assert tuple(header) == COLUMNS
    assert len(rows) == 3
    assert all("np." not in value for row in rows for value in row)


def test_every_measured_row_is_valid_and_hardly_any_unusual(frame: pd.DataFrame) -> None:
    measured = frame[(frame[list(MAGNITUDES)] != SENTINEL).all(axis=1)][[field.name for field in FIELDS]]
    batch = validate(measured.head(5000).to_dict("records"))
    assert not batch.errors
    assert len(batch.warnings) < 50


def test_the_odd_row_has_the_sentinel_in_the_bands_that_were_not_measured(frame: pd.DataFrame) -> None:
    lost = frame[(frame[list(MAGNITUDES)] == SENTINEL).any(axis=1)]
    assert 1 <= len(lost) <= 20
    assert (lost[list(shipped_parameters().sentinel_bands)] == SENTINEL).all(axis=None)


def test_classes_come_in_their_shares(frame: pd.DataFrame) -> None:
    shares = frame["class"].value_counts(normalize=True)
    for name, parameters in zip(CLASSES, shipped_parameters().classes, strict=True):
        assert shares[name] == pytest.approx(parameters.share, abs=0.01)


def test_most_stars_have_a_negative_redshift_and_quasars_are_far(frame: pd.DataFrame) -> None:
    redshift = frame.groupby("class")["redshift"]
    assert 0.5 < (redshift.get_group("STAR") < 0).mean() < 0.75
    assert redshift.get_group("STAR").abs().max() < 0.005
    assert redshift.median()["QSO"] > 1 > redshift.median()["GALAXY"] > 0.3


def test_identifiers_are_built_as_sdss_builds_them(frame: pd.DataFrame) -> None:
    image = frame["obj_ID"].astype("int64").to_numpy()
    np.testing.assert_array_equal(image >> 32 & 0xFFFF, frame["run_ID"])
    np.testing.assert_array_equal(image >> 29 & 0x7, frame["cam_col"])
    np.testing.assert_array_equal(image >> 16 & 0xFFF, frame["field_ID"])
    spectrum = frame["spec_obj_ID"].astype("uint64").to_numpy()
    np.testing.assert_array_equal(spectrum >> np.uint64(50), frame["plate"])
    np.testing.assert_array_equal(spectrum >> np.uint64(38) & np.uint64(0xFFF), frame["fiber_ID"])


def test_early_plates_have_640_fibres(frame: pd.DataFrame) -> None:
    assert frame[frame["plate"] < 3510]["fiber_ID"].max() == 640
    assert frame["fiber_ID"].max() == 1000


def test_the_sky_has_its_galactic_hole(frame: pd.DataFrame) -> None:
    """The Milky Way's plane, which SDSS left out, has few objects; the northern cap has most."""
    hole = frame["alpha"].between(280, 310) & frame["delta"].between(-20, 40)
    cap = frame["alpha"].between(150, 230) & frame["delta"].between(0, 60)
    assert hole.mean() < 0.01 < 0.3 < cap.mean()


def test_the_shipped_parameters_are_small_and_fitting_reads_back() -> None:
    assert PARAMETERS_FILE.stat().st_size < 64_000
    content = json.loads(synth_fit.to_json(synth_fit.fit(synthetic_frame(1500).drop(columns="rerun_ID"), seed=0)))
    again = pd.DataFrame(next(generate(2000, 0, Parameters.from_json(content))))
    assert macro_f1(again["class"].map(CLASSES.index).to_numpy(), _fitted_on_synthetic(again)) > 0.9


@needs_real_rows
def test_a_model_of_synthetic_rows_classifies_real_ones() -> None:
    assert macro_f1(real().labels, _fitted_on_synthetic(real().rows)) >= 0.90


def _fitted_on_synthetic(rows: pd.DataFrame) -> np.ndarray:
    learned = synthetic(8000, seed=9)
    model = HistGradientBoostingClassifier(max_iter=40, early_stopping=False, random_state=0)
    model.fit(for_trees(model_input(learned.rows), "spectroscopic"), learned.labels)
    return np.asarray(model.predict_proba(for_trees(model_input(rows), "spectroscopic")))
