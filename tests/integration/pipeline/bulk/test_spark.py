"""The same answers from Spark as from one machine, value for value."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from stellar_pipeline.bulk.scoring import ANSWER
from stellar_pipeline.etl.tables import write_synthetic
from support.catalogues import synthetic_frame

pytestmark = [
    pytest.mark.skipif(find_spec("pyspark") is None, reason="PySpark is not installed: uv sync --group spark"),
    pytest.mark.skipif(shutil.which("java") is None, reason="Spark needs Java 17, which is not installed"),
    pytest.mark.timeout(300),
]

STELLAR = str(Path(sys.executable).with_name("stellar"))


def classify(*arguments: Any) -> dict[str, Any]:
    command = [STELLAR, "classify", *map(str, arguments), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=280, check=False)
    assert done.returncode == 0, done.stderr
    summary: dict[str, Any] = json.loads(done.stdout)
    return summary


def test_a_parquet_catalogue_gets_the_answers_of_one_machine(tmp_path: Path) -> None:
    """Several files and row groups, which Spark shares out in another order and in batches of other sizes."""
    for seed in (1, 2):
        assert sum(write_synthetic(tmp_path / f"{seed}.parquet", 12_345, seed)) == 12_345
    local = classify(tmp_path, "--out", tmp_path / "local.parquet", "--abstain", "0.8")
    spark = classify(
        *(tmp_path / f"{seed}.parquet" for seed in (1, 2)),
        *("--out", tmp_path / "spark", "--abstain", "0.8", "--engine", "spark", "--master", "local[2]"),
    )
    one, other = pq.read_table(tmp_path / "local.parquet"), pq.read_table(tmp_path / "spark")
    assert other.num_rows == 2 * 12_345
    order = [("spec_obj_ID", "ascending"), ("obj_ID", "ascending"), ("u", "ascending"), ("MJD", "ascending")]
    for name in [*one.column_names[:18], *ANSWER.names]:
        assert other.sort_by(order).column(name).equals(one.sort_by(order).column(name)), name
    for name in set(local) - {"out"}:
        assert spark[name] == local[name], name


def test_other_formats_are_read_by_the_projects_reader(tmp_path: Path) -> None:
    source = tmp_path / "rows.csv.gz"
    frame = synthetic_frame(2_000).rename(columns={"class": "kind"})
    frame.to_csv(source, index=False)
    options = [source, "--map", "class=kind"]
    spark = classify(*options, "--out", tmp_path / "spark", "--engine", "spark", "--master", "local[2]")
    assert spark["rows"] == 2_000
    assert spark["accuracy"] > 0.9
    classify(*options, "--out", tmp_path / "local.parquet")
    one, other = pq.read_table(tmp_path / "local.parquet"), pq.read_table(tmp_path / "spark")
    for name in ANSWER.names:
        assert other.column(name).combine_chunks().equals(one.column(name).combine_chunks()), name
    assert other.schema.field("obj_ID").type == pa.string()


def test_without_java_it_is_one_sentence(tmp_path: Path) -> None:
    assert sum(write_synthetic(tmp_path / "rows.parquet", 100, 1)) == 100
    command = [STELLAR, "classify", str(tmp_path / "rows.parquet"), "--out", str(tmp_path / "out"), "--engine", "spark"]
    environment = {name: text for name, text in os.environ.items() if name != "JAVA_HOME"} | {"PATH": str(tmp_path)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=280, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("Error: Java 17 not installed")
