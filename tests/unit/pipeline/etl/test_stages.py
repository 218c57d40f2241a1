"""The stages in a local folder: what they leave, and when they leave it alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from stellar.manifest import FEATURES
from stellar_pipeline.data.catalogue import Cleaned, clean
from stellar_pipeline.data.split import holdout
from stellar_pipeline.etl import obtain, preprocess, split, standardise
from stellar_pipeline.etl.chain import run
from stellar_pipeline.etl.prepared import load_test, load_train
from stellar_pipeline.etl.quality import QualityError
from stellar_pipeline.etl.stage import StageOrderError
from stellar_pipeline.model.features import model_input
from stellar_pipeline.object_store import MissingObjectError
from stellar_pipeline.reading.errors import ColumnValueError, MissingColumnError
from stellar_pipeline.reading.training import read
from support.catalogues import needs_real_rows, real, real_file, synthetic, synthetic_file, synthetic_frame

ROWS = 1200


@pytest.fixture
def root(tmp_path: Path) -> str:
    return str(tmp_path / "root")


def _run(root: str, source: Path | None = None, **options: Any) -> dict[str, dict[str, Any]]:
    arguments = {"rows": ROWS, "seed": 3, **options}
    return {record["stage"]: record for record in run(root, source and str(source), **arguments)}


def _dirty(folder: Path) -> Path:
    """A catalogue with everything that is left out, and rows in the way of telling duplicates apart."""
    frame = synthetic_frame(600)
    frame.loc[3, "u"] = -9999.0
    frame.loc[4, "g"] = 99.0
    frame.loc[5, "redshift"] = np.nan
    spectrum = frame.iloc[[10, 11]].assign(u=20.0)  # the same spectra: the later rows stay
    again = frame.iloc[[20, 21]].assign(MJD=[1, 99_999], fiber_ID=7)  # the same objects: the latest spectra stay
    path = folder / "dirty.csv"
    pd.concat([frame, spectrum, again]).to_csv(path, index=False)
    return path


def _same(found: pd.DataFrame, expected: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(found, expected, check_dtype=False)


def test_preprocessing_keeps_the_rows_that_cleaning_a_whole_catalogue_keeps(root: str, tmp_path: Path) -> None:
    dirty = _dirty(tmp_path)
    expected = clean(read([dirty]))
    obtain(root, str(dirty))
    record = preprocess(root)
    _same(pd.read_parquet(Path(root) / "preprocessed" / "catalogue.parquet"), expected.rows)
    for name in ("read", "sentinel", "out_of_limits", "duplicates"):
        assert record[name] == getattr(expected, name) > 0, name
    assert record["class_counts"] == expected.class_counts


@needs_real_rows
def test_real_rows_come_through_the_stages_as_training_reads_them(root: str) -> None:
    _run(root, real_file())
    cleaned = real()
    training, held_back = holdout(cleaned.labels, 17)
    _same(load_train(root).rows, cleaned.rows.iloc[training].reset_index(drop=True))
    _same(load_test(root).rows, cleaned.rows.iloc[held_back].reset_index(drop=True))


def test_the_parts_are_those_of_the_holdout_and_have_the_same_classes(root: str) -> None:
    _run(root)
    whole, train, test = synthetic(ROWS), load_train(root), load_test(root)
    training, held_back = holdout(whole.labels, 17)
    assert train.labels.tolist() == whole.labels[training].tolist()
    assert test.plates.tolist() == whole.plates[held_back].tolist()
    for name, count in whole.class_counts.items():
        assert abs(train.class_counts[name] / len(train.rows) - count / len(whole.rows)) < 0.005


def test_loaded_rows_have_the_fingerprint_of_the_same_rows_read_from_csv(root: str, tmp_path: Path) -> None:
    source = synthetic_file(tmp_path, 600)
    _run(root, source)
    cleaned = clean(read([source]))
    rows = cleaned.rows.iloc[holdout(cleaned.labels, 17)[0]].reset_index(drop=True)
    assert load_train(root).fingerprint == Cleaned(rows, len(rows), 0, 0, 0).fingerprint


def test_training_rows_are_standardised_and_test_rows_are_scaled_like_them(root: str) -> None:
    _run(root)
    metadata = json.loads((Path(root) / "data_star.json").read_bytes())
    means, deviations = (np.array([metadata["scaler"][part][f] for f in FEATURES]) for part in ("means", "deviations"))
    train, test = (pd.read_parquet(Path(root) / "standardised" / f"{part}.parquet") for part in ("train", "test"))
    np.testing.assert_allclose(train[list(FEATURES)].astype(float).mean(), 0, atol=1e-5)
    np.testing.assert_allclose(train[list(FEATURES)].astype(float).std(ddof=0), 1, atol=1e-5)
    held_back = load_test(root)
    np.testing.assert_allclose(test[list(FEATURES)] * deviations + means, model_input(held_back.rows), atol=1e-4)
    assert test["class"].tolist() == held_back.rows["class"].tolist()


def test_the_metadata_tell_columns_classes_source_and_fingerprint(root: str, tmp_path: Path) -> None:
    records = _run(root, synthetic_file(tmp_path, 600))
    metadata = json.loads((Path(root) / "data_star.json").read_bytes())
    kinds = {column["name"]: column["type"] for column in metadata["columns"]}
    assert kinds["u"] == "double"
    assert kinds["plate"] == "int64"
    assert "rerun_ID" not in kinds
    assert metadata["categories"] == {"class": ["GALAXY", "QSO", "STAR"]}
    assert metadata["source"]["source"] == "synthetic-600-3.csv"
    assert metadata["rows"] == 600
    preprocessed = records["preprocess"]["outputs"]["preprocessed/catalogue.parquet"]
    assert metadata["fingerprint"] == preprocessed["sha256"]


def test_the_quality_report_tells_what_was_left_out_and_stands_alone(root: str, tmp_path: Path) -> None:
    dirty = _dirty(tmp_path)
    obtain(root, str(dirty))
    preprocess(root)
    report = (Path(root) / "quality.html").read_text()
    for text in ("dirty.csv: 604 rows read", "sentinel magnitude", "passed", "Class balance", "redshift"):
        assert text in report
    assert "http" not in report
    assert "<script" not in report


def test_a_second_run_skips_everything_and_touches_no_file(root: str) -> None:
    first = _run(root)
    before = {path: path.stat().st_mtime_ns for path in Path(root).rglob("*")}
    second = _run(root)
    assert not any(record["skipped"] for record in first.values())
    assert all(record["skipped"] for record in second.values())
    assert {path: path.stat().st_mtime_ns for path in Path(root).rglob("*")} == before


def test_another_split_seed_makes_only_what_depends_on_it(root: str) -> None:
    _run(root)
    again = _run(root, split_seed=18)
    assert [record["skipped"] for record in again.values()] == [True, True, False, False]


def test_other_rows_make_every_stage_again(root: str) -> None:
    _run(root)
    assert not any(record["skipped"] for record in _run(root, seed=4).values())


def test_a_file_that_is_gone_or_cut_short_is_made_again(root: str) -> None:
    _run(root)
    (Path(root) / "train" / "catalogue.parquet").write_bytes(b"PAR1")
    again = _run(root)
    assert [record["skipped"] for record in again.values()] == [True, True, False, True]
    assert len(load_train(root).rows) == 840


def test_force_makes_the_same_files_again(root: str) -> None:
    first, again = _run(root), _run(root, force=True)
    assert not any(record["skipped"] for record in again.values())
    for stage, record in again.items():
        same = {name: out["sha256"] for name, out in record["outputs"].items() if name.endswith(".parquet")}
        assert same == {name: first[stage]["outputs"][name]["sha256"] for name in same}


def test_a_run_can_start_at_a_later_stage(root: str) -> None:
    _run(root)
    assert list(_run(root, start="split", split_seed=5)) == ["split", "standardise"]


@pytest.mark.parametrize("stage", [preprocess, split, standardise])
def test_a_stage_before_its_time_names_the_one_that_is_missing(stage: Any, root: str) -> None:
    with pytest.raises(StageOrderError, match="run it first"):
        stage(root)


def test_rows_that_were_never_split_cannot_be_loaded(root: str) -> None:
    with pytest.raises(MissingObjectError, match="train"):
        load_train(root)


def test_whole_numbers_may_be_written_as_floats_and_columns_in_any_order(root: str, tmp_path: Path) -> None:
    frame = synthetic_frame(300)
    path = tmp_path / "floats.csv"
    frame[frame.columns[::-1]].astype({"plate": float, "MJD": float}).assign(more=1).to_csv(path, index=False)
    obtain(root, str(path))
    _same(pd.read_parquet(Path(root) / "raw" / "catalogue.parquet"), frame)


def test_a_parquet_catalogue_is_the_same_as_its_csv(root: str, tmp_path: Path) -> None:
    path = tmp_path / "rows.parquet"
    synthetic_frame(300).to_parquet(path)
    parquet = obtain(root, str(path))["outputs"]
    csv = obtain(root, str(synthetic_file(tmp_path, 300)))["outputs"]
    assert csv == parquet


def test_a_catalogue_that_lacks_columns_is_refused(root: str, tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    synthetic_frame(30).drop(columns=["redshift", "plate"]).to_csv(path, index=False)
    with pytest.raises(MissingColumnError, match=r"rows\.csv lacks redshift\."):
        obtain(root, str(path))


def test_photometry_and_class_are_enough(root: str, tmp_path: Path) -> None:
    """Rows without a spectrum's name are no duplicates of one another."""
    path = tmp_path / "rows.csv"
    frame = synthetic_frame(600)[[*"ugriz", "redshift", "class"]]
    pd.concat([frame, frame.iloc[:3]]).to_csv(path, index=False)
    records = _run(root, path)
    assert (records["preprocess"]["rows"], records["preprocess"]["duplicates"]) == (600, 3)
    assert load_train(root).fingerprint
    assert load_train(root).rows["plate"].isna().all()


def test_a_folder_of_catalogues_with_other_names_is_taken_by_a_map(root: str, tmp_path: Path) -> None:
    frame = synthetic_frame(600).rename(columns={"z": "modelMag_z", "redshift": "z", "class": "kind"})
    (tmp_path / "tables").mkdir()
    frame.iloc[:300].to_csv(tmp_path / "tables" / "one.csv.gz", index=False)
    frame.iloc[300:].to_parquet(tmp_path / "tables" / "two.parquet")
    mapping = {"class": "kind", "redshift": "z", "z": "modelMag_z"}
    record = obtain(root, str(tmp_path / "tables"), mapping=mapping)
    _same(pd.read_parquet(Path(root) / "raw" / "catalogue.parquet"), synthetic_frame(600))
    assert obtain(root, str(tmp_path / "tables"), mapping=mapping)["skipped"]
    (tmp_path / "tables" / "two.parquet").unlink()
    again = obtain(root, str(tmp_path / "tables"), mapping=mapping)
    assert (record["rows"], again["rows"]) == (600, 300)


def test_text_in_place_of_a_number_is_refused(root: str, tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text(synthetic_file(tmp_path, 30).read_text().replace("301", "often"))
    with pytest.raises(ColumnValueError, match="often"):
        obtain(root, str(path))


def test_a_class_that_nobody_knows_is_refused(root: str, tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    synthetic_frame(300).replace({"class": {"STAR": "COMET"}}).to_csv(path, index=False)
    with pytest.raises(ColumnValueError, match=r"rows\.csv, line \d+: class is 'COMET'"):
        obtain(root, str(path))


def test_too_few_rows_of_a_class_fail_the_quality_checks(root: str) -> None:
    obtain(root, rows=30, seed=1)
    with pytest.raises(QualityError, match=r"only \d+ of QSO.* See .*quality\.html"):
        preprocess(root)
