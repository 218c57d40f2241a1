"""``stellar pipeline`` as one types it."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner, Result

from stellar_pipeline.cli.stages import STAGES as OFFERED
from stellar_pipeline.cli.stages import pipeline
from stellar_pipeline.etl.chain import STAGES


def _call(*arguments: str) -> Result:
    return CliRunner().invoke(pipeline, arguments)


def test_the_stages_that_are_offered_are_those_that_there_are() -> None:
    assert OFFERED == STAGES


def test_a_run_tells_what_each_stage_did_and_the_next_what_it_skipped(tmp_path: Path) -> None:
    first = _call("run", "--root", str(tmp_path), "--rows", "1000")
    assert first.exit_code == 0, first.output
    assert "1,000 rows from synthetic" in first.output
    assert "998 of 1,000 rows kept (2 sentinel," in first.output
    assert "698 to train, 300 to test" in first.output
    assert _call("run", "--root", str(tmp_path), "--rows", "1000").output.count("unchanged, skipped") == 4


def test_json_is_all_that_is_printed(tmp_path: Path) -> None:
    printed = json.loads(_call("run", "--root", str(tmp_path), "--rows", "500", "--json").stdout)
    assert [record["stage"] for record in printed["stages"]] == list(STAGES)
    assert printed["peak_memory_mib"] > 0
    shown = json.loads(_call("show", "--root", str(tmp_path), "--json").stdout)
    assert shown["split"]["outputs"] == printed["stages"][2]["outputs"]


def test_show_tells_the_files_and_what_has_not_run(tmp_path: Path) -> None:
    assert _call("show", "--root", str(tmp_path)).output.count("has not run") == 4
    _call("run", "--root", str(tmp_path), "--rows", "500")
    assert str(tmp_path / "train" / "catalogue.parquet") in _call("show", "--root", str(tmp_path)).output


def test_starting_late_without_the_earlier_stages_is_one_line(tmp_path: Path) -> None:
    result = _call("run", "--root", str(tmp_path), "--from", "split")
    assert result.exit_code == 1
    assert "has no stage 'preprocess' yet" in result.output
    assert "Traceback" not in result.output


def test_a_source_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    result = _call("run", "--root", str(tmp_path), "--source", str(tmp_path / "none.csv"))
    assert result.exit_code == 1
    assert "none.csv: there is no such file" in result.output


def test_drift_without_observations_says_so(tmp_path: Path) -> None:
    _call("run", "--root", str(tmp_path), "--rows", "500")
    result = _call("drift", "--root", str(tmp_path))
    assert result.exit_code == 0, result.output
    assert "No drift: nothing has been observed yet" in result.output
