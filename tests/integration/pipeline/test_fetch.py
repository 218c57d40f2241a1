"""Fetching rows by the real astroquery, from a SkyServer on loopback."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner

from stellar_pipeline.cli.train import data
from stellar_pipeline.data.columns import COLUMNS
from stellar_pipeline.data.fetch import ServerAnswerError, ServerUnreachableError, fetch, windows
from support.ports import free_ports
from support.skyserver import skyserver


def test_rows_of_all_plates_are_fetched_with_exact_identifiers(tmp_path: Path) -> None:
    out = tmp_path / "rows.csv"
    with skyserver() as server:
        result = CliRunner().invoke(data, ["fetch", "--out", str(out), "--rows", "10000", "--server", server.url])
    assert result.exit_code == 0, result.output
    assert f"{windows()} rows are in" in result.output
    assert set(server.paths) == {"/dr17/en/tools/search/x_results.aspx"}
    assert "% 484 = 0" in server.queries[0]
    rows = pd.read_csv(out)
    assert list(rows.columns) == list(COLUMNS)
    assert (rows["spec_obj_ID"] - rows["plate"].astype("uint64") * 2**50 == 1).all()
    assert rows["plate"].is_monotonic_increasing
    assert [path.name for path in tmp_path.iterdir()] == ["rows.csv"]


def test_an_interrupted_fetch_goes_on_where_it_was(tmp_path: Path) -> None:
    out = tmp_path / "rows.csv"
    with skyserver() as server:
        steps = fetch(out, 10_000, server=server.url)
        for step in steps:
            if step.windows_done == 4:
                break
        steps.close()
        with (tmp_path / "rows.csv.part").open("a") as part:
            part.write("1,2,half a r")
        asked = len(server.queries)
        first, *_, last = fetch(out, 10_000, server=server.url)
    assert (first.windows_done, first.rows) == (4, 4)
    assert last.windows_done == windows()
    assert len(server.queries) - asked == windows() - 4
    assert pd.read_csv(out)["plate"].is_unique


def test_another_number_of_rows_begins_anew(tmp_path: Path) -> None:
    with skyserver() as server:
        server.broken_after = 3
        with pytest.raises(ServerAnswerError):
            list(fetch(tmp_path / "rows.csv", 10_000, server=server.url, sleep=lambda _: None))
        assert next(iter(fetch(tmp_path / "rows.csv", 20_000, server=server.url))).windows_done == 0


def test_an_answer_that_is_no_table_is_tried_again_then_told(tmp_path: Path) -> None:
    pauses: list[float] = []
    with skyserver() as server:
        server.broken_after = 2
        with pytest.raises(ServerAnswerError, match="no table"):
            list(fetch(tmp_path / "rows.csv", 10_000, server=server.url, sleep=pauses.append))
    assert pauses == [1.0, 4.0]
    assert len(pd.read_csv(tmp_path / "rows.csv.part")) == 2


def test_skyservers_own_error_is_passed_on(tmp_path: Path) -> None:
    with skyserver() as server:
        server.broken_after, server.broken_answer = 0, "error_message: query timed out"
        with pytest.raises(ServerAnswerError, match="query timed out"):
            list(fetch(tmp_path / "rows.csv", 10_000, server=server.url, sleep=lambda _: None))
        assert len(server.queries) == 3


def test_without_a_server_the_way_out_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stellar_pipeline.data.fetch._PAUSES", ())
    (port,) = free_ports(1)
    out = tmp_path / "rows.csv"
    result = CliRunner().invoke(data, ["fetch", "--out", str(out), "--server", f"http://127.0.0.1:{port}"])
    assert result.exit_code == 1
    assert f"http://127.0.0.1:{port} cannot be reached" in result.output
    for way in ("--from star_classification.csv", "stellar data synth", "kaggle.com", "the same command goes on"):
        assert way in result.output
    assert not list(tmp_path.iterdir())
    with pytest.raises(ServerUnreachableError):
        list(fetch(out, 10, server=f"http://127.0.0.1:{port}"))
