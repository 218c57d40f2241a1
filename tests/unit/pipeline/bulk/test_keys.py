"""Catalogues of a prefix, a file at a time."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from stellar_pipeline.bulk.keys import classify_file, find_files, total
from stellar_pipeline.reading.errors import CatalogueError
from support.catalogues import synthetic_file


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("MODEL_BUCKET", raising=False)
    folder = tmp_path / "in"
    (folder / "deep").mkdir(parents=True)
    synthetic_file(folder, 300, 1)
    synthetic_file(folder / "deep", 200, 2)
    return folder


def test_every_file_has_an_output_of_its_own_name(source: Path, tmp_path: Path) -> None:
    names = {each["name"] for each in find_files(str(source), str(tmp_path / "out"))}
    assert names == {"synthetic-300-1.csv.parquet", "deep/synthetic-200-2.csv.parquet"}
    assert {each["name"] for each in find_files(f"{source}/*.csv", str(tmp_path / "out"))} == {
        "synthetic-300-1.csv.parquet"
    }


def test_a_target_within_the_source_is_refused(source: Path) -> None:
    with pytest.raises(CatalogueError, match="lies within the source"):
        find_files(str(source), str(source / "out"))


def test_a_file_that_is_done_is_skipped_until_something_changes(source: Path, tmp_path: Path) -> None:
    target = str(tmp_path / "out")
    files = find_files(str(source), target)
    first = [classify_file(each["address"], each["name"], target) for each in files]
    assert total(first) | {"files": 2, "skipped": 0, "rows": 500} == total(first)
    for each in files:
        assert pq.read_table(tmp_path / "out" / each["name"]).num_rows == (200 if "deep" in each["name"] else 300)
    again = [classify_file(each["address"], each["name"], target) for each in files]
    assert total(again)["skipped"] == 2
    assert json.loads((tmp_path / "out" / f"{files[0]['name']}.json").read_text())["rows"] == again[0]["rows"]
    other = classify_file(files[0]["address"], files[0]["name"], target, abstain=0.9)
    assert not other["skipped"]
    assert other["unsure"] > 0
