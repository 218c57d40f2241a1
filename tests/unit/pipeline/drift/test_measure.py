"""Drift of observations that lie in a local folder."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from stellar_pipeline.drift import measure
from stellar_pipeline.drift.collect import OBSERVATIONS
from stellar_pipeline.etl.chain import run
from stellar_pipeline.etl.stage import StageOrderError
from support.catalogues import synthetic


@pytest.fixture
def root(tmp_path: Path) -> str:
    root = str(tmp_path / "root")
    assert len(list(run(root, rows=3000, seed=3))) == 4
    return root


def _observe(root: str, rows: int, name: str = "1", label: str | None = None, **changes: pl.Expr) -> None:
    """Observations of the training rows' population, or changed ones; the classes are true, or all ``label``."""
    folder = Path(root) / OBSERVATIONS
    folder.mkdir(parents=True, exist_ok=True)
    seen = pl.from_pandas(synthetic(rows, seed=8).rows).with_columns(**changes)
    labels = pl.col("class") if label is None else pl.lit(label)
    seen.with_columns(label=labels.cast(pl.Enum(["GALAXY", "QSO", "STAR"]))).write_parquet(folder / f"{name}.parquet")


def test_objects_like_those_of_training_have_not_drifted(root: str) -> None:
    _observe(root, 3000)
    found = measure(root)
    assert not found["drifted"]
    assert max(found["psi"].values()) < 0.1
    assert found["class_mix"]["psi"] < 0.1
    assert found["reason"] == "every index is at most 0.2"


def test_brighter_objects_have_drifted_and_the_report_says_where(root: str) -> None:
    _observe(root, 1000, r=pl.col("r") - 2)
    found = measure(root)
    assert found["drifted"]
    assert found["psi"]["r"] > 0.2
    assert found["psi"]["u"] < 0.2
    report = Path(found["report"]).read_text()
    assert "drifted" in report
    assert "r, g_r, r_i above 0.2" in report


def test_another_mix_of_classes_is_drift_even_if_the_features_are_the_same(root: str) -> None:
    _observe(root, 1000, label="STAR")
    found = measure(root)
    assert found["drifted"]
    assert found["reason"] == "class mix above 0.2"
    assert found["class_mix"]["observed"] == {"GALAXY": 0, "QSO": 0, "STAR": 1}


def test_the_threshold_decides(root: str) -> None:
    _observe(root, 1000, label="STAR")
    assert not measure(root, threshold=50)["drifted"]


def test_few_objects_give_no_verdict(root: str) -> None:
    _observe(root, 100, label="STAR")
    found = measure(root)
    assert not found["drifted"]
    assert found["reason"] == "100 rows are too few to tell; 200 are needed"


def test_without_observations_there_is_no_drift_and_no_report(root: str) -> None:
    found = measure(root)
    assert (found["drifted"], found["rows"], found["report"]) == (False, 0, None)


def test_the_latest_observations_count(root: str) -> None:
    _observe(root, 1000, name="1", label="STAR")
    _observe(root, 2000, name="2")
    assert measure(root)["rows"] == 2000


def test_photometric_objects_have_no_redshift_to_drift(root: str) -> None:
    _observe(root, 1000, redshift=pl.lit(None, dtype=pl.Float64))
    found = measure(root)
    assert not found["drifted"]
    assert "redshift" not in found["psi"]


def test_without_a_reference_the_way_out_is_told(tmp_path: Path) -> None:
    with pytest.raises(StageOrderError, match="stellar pipeline run"):
        measure(str(tmp_path))
