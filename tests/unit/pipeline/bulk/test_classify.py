"""Catalogues classified file to file: every output format, what is refused, and going on after a stop."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from stellar import Classifier, validate
from stellar.settings import DEFAULT_MODEL_DIR
from stellar_pipeline.bulk import run as runs
from stellar_pipeline.bulk.output import Output
from stellar_pipeline.bulk.outputs import ParquetOutput, output_for
from stellar_pipeline.bulk.run import Options, Step, classify
from stellar_pipeline.bulk.scoring import ANSWER
from stellar_pipeline.cli.classify import classify as command
from stellar_pipeline.data.synth import generate
from stellar_pipeline.reading import formats
from stellar_pipeline.reading.catalogue import open_catalogue
from stellar_pipeline.reading.errors import CatalogueError

ROWS = 300


@pytest.fixture(scope="module")
def classifier() -> Classifier:
    return Classifier.load(DEFAULT_MODEL_DIR)


@pytest.fixture
def catalogue(tmp_path: Path) -> Path:
    """Synthetic rows with exact identifiers, one without a redshift, one that was not measured, one odd."""
    [generated] = generate(ROWS, seed=5)
    columns: dict[str, Any] = {name: list(values) for name, values in generated.items()}
    columns["obj_ID"] = [2**63 + n for n in range(ROWS)]
    columns["redshift"][1] = float("nan")
    columns["u"][2] = -9999.0
    columns["u"][3] = 35.0
    table = pa.table({**columns, "obj_ID": pa.array(columns["obj_ID"], pa.uint64())})
    pq.write_table(table, tmp_path / "rows.parquet")
    return tmp_path / "rows.parquet"


def silent(_: Step) -> None:
    return


def test_answers_are_those_of_the_layer(catalogue: Path, classifier: Classifier, tmp_path: Path) -> None:
    out = tmp_path / "out.parquet"
    summary = classify([str(catalogue)], out, classifier, Options(), silent)
    rows = pq.read_table(out).to_pylist()
    assert [row["obj_ID"] for row in rows] == [2**63 + n for n in range(ROWS)]
    asked = [{**row, "redshift": None if np.isnan(row["redshift"]) else row["redshift"]} for row in rows]
    batch = validate(asked)
    for index, prediction in zip(batch.indices.tolist(), classifier.classify(batch), strict=True):
        assert rows[index]["predicted_class"] == prediction.label
        assert rows[index]["model_variant"] == prediction.model_variant
        assert rows[index]["flags"] == "; ".join(prediction.warnings)
        assert rows[index]["novelty"] == np.float32(prediction.novelty)
        assert rows[index]["reliable"] == prediction.reliable
        assert rows[index]["p_star"] == np.float32(prediction.probabilities["STAR"])
    assert rows[2]["predicted_class"] is rows[2]["reliable"] is rows[2]["novelty"] is None
    assert summary.unreliable == sum(row["reliable"] is False for row in rows)
    assert rows[2]["flags"] == "u was not measured"
    assert (summary.rows, summary.refused, summary.photometric) == (ROWS, 1, 1)
    assert sum(map(sum, (row.values() for row in summary.confusion.values()))) == ROWS - 1
    with (tmp_path / "out.parquet.bad.csv").open() as file:
        assert list(csv.reader(file))[1:] == [["rows.parquet", "3", "u was not measured"]]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("ending", ["csv", "fits", "vot", "parquet"])
def test_every_output_can_be_read_again_and_tells_the_same(
    ending: str, catalogue: Path, classifier: Classifier, tmp_path: Path
) -> None:
    out = tmp_path / f"out.{ending}"
    classify([str(catalogue)], out, classifier, Options(), silent)
    with open_catalogue(out) as opened:
        rows = [row for piece in opened.table.pieces() for row in piece.rows.to_pylist()]
    expected = tmp_path / "expected.parquet"
    classify([str(catalogue)], expected, classifier, Options(), silent)
    told = pq.read_table(expected).to_pylist()
    assert [int(row["obj_ID"]) for row in rows] == [row["obj_ID"] for row in told]
    assert [row["predicted_class"] or None for row in rows] == [row["predicted_class"] for row in told]
    assert [float(row["u"]) for row in rows] == [row["u"] for row in told]
    known = [n for n in range(ROWS) if n != 2]
    assert [np.float32(rows[n]["p_qso"]) for n in known] == [np.float32(told[n]["p_qso"]) for n in known]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("ending", ["csv", "fits", "vot", "parquet"])
def test_a_run_that_was_stopped_goes_on_and_gives_the_same_file(
    ending: str, catalogue: Path, classifier: Classifier, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(formats, "BATCH", 16)
    monkeypatch.setattr(ParquetOutput, "GROUP", 64)
    (tmp_path / "whole").mkdir()
    whole, out = tmp_path / "whole" / f"out.{ending}", tmp_path / f"out.{ending}"
    classify([str(catalogue)], whole, classifier, Options(), silent)
    seen: list[int] = []

    def stop(step: Step) -> None:
        seen.append(step.rows)
        if step.rows > ROWS // 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        classify([str(catalogue)], out, classifier, Options(), stop)
    assert not out.exists()
    again: list[int] = []
    summary = classify([str(catalogue)], out, classifier, Options(), lambda step: again.append(step.rows))
    assert again[0] > 16 * runs.PIECES
    assert summary.rows == ROWS
    assert out.read_bytes() == whole.read_bytes()
    assert (tmp_path / f"out.{ending}.bad.csv").read_text() == whole.with_name(f"out.{ending}.bad.csv").read_text()
    assert not list(tmp_path.glob("*.part*"))


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("ending", ["csv", "fits", "vot", "parquet"])
def test_a_run_that_was_killed_after_its_last_row_is_ended(
    ending: str, catalogue: Path, classifier: Classifier, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, out = tmp_path / f"whole.{ending}", tmp_path / f"out.{ending}"
    classify([str(catalogue)], whole, classifier, Options(), silent)

    def killed(_: Output) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(output_for(out.name), "finish", killed)
        with pytest.raises(KeyboardInterrupt):
            classify([str(catalogue)], out, classifier, Options(), silent)
    assert classify([str(catalogue)], out, classifier, Options(), silent).rows == ROWS
    assert out.read_bytes() == whole.read_bytes()


@pytest.mark.parametrize("ending", ["fits", "parquet"])
def test_types_are_those_of_the_first_file_after_a_stop_too(
    ending: str, classifier: Classifier, tmp_path: Path
) -> None:
    files = [tmp_path / "a.csv", tmp_path / "b.csv"]
    for file, note in zip(files, ["1.5", "2"], strict=True):
        file.write_text(f"u,g,r,i,z,note\n19,18,17,16,15,{note}\n")
    whole, out = tmp_path / f"whole.{ending}", tmp_path / f"out.{ending}"
    inputs = [str(file) for file in files]
    classify(inputs, whole, classifier, Options(), silent)

    def stop(step: Step) -> None:
        if step.file == "b.csv":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        classify(inputs, out, classifier, Options(), stop)
    classify(inputs, out, classifier, Options(), silent)
    assert out.read_bytes() == whole.read_bytes()
    with open_catalogue(out) as opened:
        assert [row["note"] for piece in opened.table.pieces() for row in piece.rows.to_pylist()] == [1.5, 2.0]


@pytest.mark.parametrize(("lines", "why"), [("", "no row below the header"), ("19,18\n", "no line is a row")])
def test_a_catalogue_without_rows_is_told(lines: str, why: str, classifier: Classifier, tmp_path: Path) -> None:
    path, out = tmp_path / "rows.csv", tmp_path / "out.parquet"
    path.write_text(f"u,g,r,i,z\n{lines}")
    with pytest.raises(CatalogueError, match=why):
        classify([str(path)], out, classifier, Options(), silent)
    assert not out.exists()
    assert not list(tmp_path.glob("*.part*"))


@pytest.mark.parametrize("ending", ["csv", "fits", "vot", "parquet"])
def test_columns_of_lists_and_bytes_become_text(ending: str, classifier: Classifier, tmp_path: Path) -> None:
    columns: dict[str, Any] = {band: [18.0] for band in "ugriz"}
    pq.write_table(pa.table({**columns, "flux": [[1, 2]], "tag": [b"x"]}), tmp_path / "rows.parquet")
    out = tmp_path / f"out.{ending}"
    classify([str(tmp_path / "rows.parquet")], out, classifier, Options(), silent)
    with open_catalogue(out) as opened:
        [row] = [row for piece in opened.table.pieces() for row in piece.rows.to_pylist()]
    assert (row["flux"], row["tag"]) == ("[1, 2]", "x")


def test_unsure_answers_are_withheld_on_demand(catalogue: Path, classifier: Classifier, tmp_path: Path) -> None:
    out = tmp_path / "out.parquet"
    summary = classify([str(catalogue)], out, classifier, Options(abstain=0.9), silent)
    rows = pq.read_table(out).to_pylist()
    low = [row for row in rows if row["flags"].startswith("unsure")]
    assert summary.unsure == len(low) > 0
    assert all(
        row["predicted_class"] is None and max(row["p_galaxy"], row["p_qso"], row["p_star"]) < 0.9 for row in low
    )


def test_columns_of_an_earlier_run_are_replaced(catalogue: Path, classifier: Classifier, tmp_path: Path) -> None:
    first, second = tmp_path / "a.parquet", tmp_path / "b.parquet"
    classify([str(catalogue)], first, classifier, Options(), silent)
    classify([str(first)], second, classifier, Options(), silent)
    assert str(pq.read_table(second).to_pylist()) == str(
        pq.read_table(first).to_pylist()
    )  # a NaN is not equal to itself
    assert pq.read_schema(second).names[-len(ANSWER.names) :] == ANSWER.names


def test_text_that_stops_being_numbers_is_named(
    classifier: Classifier, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from stellar_pipeline.reading import delimited

    monkeypatch.setattr(delimited, "_BLOCK", 64)
    monkeypatch.setattr("stellar_pipeline.reading.content.HEAD", 64)
    path = tmp_path / "rows.csv"
    path.write_text("u,g,r,i,z,note\n" + "19,18,17,16,15,1\n" * 20 + "19,18,17,16,15,cloudy\n")
    with pytest.raises(CatalogueError, match=r"line 22: note is 'cloudy'.*--text 'note'"):
        classify([str(path)], tmp_path / "out.parquet", classifier, Options(), silent)
    summary = classify([str(path)], tmp_path / "out.parquet", classifier, Options(text=("note",)), silent)
    assert summary.rows == 21


def test_command_prints_counts_and_where_the_bad_rows_are(catalogue: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    result = CliRunner().invoke(command, [str(catalogue), "--out", str(out)])
    assert result.exit_code == 0, result.output
    assert f"{ROWS} rows are in" in result.output
    assert "1 have no answer" in result.output
    assert "agree" in result.output


@pytest.mark.parametrize(
    ("arguments", "why"),
    [(["none.csv", "--out", "o.csv"], "no such file"), (["{}", "--out", "o.txt"], "by the ending of its name")],
)
def test_command_says_what_is_wrong(arguments: list[Any], why: str, catalogue: Path) -> None:
    result = CliRunner().invoke(command, [each.format(catalogue) for each in arguments])
    assert result.exit_code == 1
    assert why in result.output
