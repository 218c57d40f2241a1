"""Catalogues to learn from: the same 18 columns out of whatever file, and the line of what is wrong."""

from __future__ import annotations

import csv
import gzip
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from stellar_pipeline.cli.train import data
from stellar_pipeline.data.catalogue import clean
from stellar_pipeline.data.columns import COLUMNS
from stellar_pipeline.data.fetch import copy
from stellar_pipeline.reading.errors import CatalogueError, ColumnValueError, MissingColumnError
from stellar_pipeline.reading.training import read
from support.catalogues import synthetic_frame

SKYSERVER = {
    "obj_ID": "objid",
    "alpha": "ra",
    "delta": "dec",
    "run_ID": "run",
    "rerun_ID": "rerun",
    "cam_col": "camcol",
    "field_ID": "field",
    "spec_obj_ID": "specobjid",
    "MJD": "mjd",
    "fiber_ID": "fiberid",
}


@pytest.fixture
def frame() -> pd.DataFrame:
    return synthetic_frame(200)


def written(frame: pd.DataFrame, folder: Path) -> Path:
    path = folder / "rows.csv"
    frame.to_csv(path, index=False)
    return path


def arrow_written(frame: pd.DataFrame, folder: Path, **columns: pa.Array) -> Path:
    table = pa.Table.from_pandas(frame, preserve_index=False)
    for name, column in columns.items():
        table = table.set_column(table.column_names.index(name), name, column)
    path = folder / "rows.parquet"
    pq.write_table(table, path)
    return path


def same(found: pd.DataFrame, expected: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(found, expected.drop(columns="rerun_ID"), check_dtype=False)


def test_further_columns_are_ignored_and_their_order_does_not_matter(frame: pd.DataFrame, tmp_path: Path) -> None:
    same(read([written(frame.assign(note="x")[["note", *reversed(COLUMNS)]], tmp_path)]), frame)


def test_skyservers_export_is_read_as_it_comes(frame: pd.DataFrame, tmp_path: Path) -> None:
    path = tmp_path / "rows.csv.gz"
    path.write_bytes(gzip.compress(b"#Table1\n" + frame.rename(columns=SKYSERVER).to_csv(index=False).encode()))
    same(read([path]), frame)


def test_missing_columns_are_named_with_the_way_out(frame: pd.DataFrame, tmp_path: Path) -> None:
    path = written(frame.drop(columns=["redshift", "g"]), tmp_path)
    with pytest.raises(MissingColumnError, match=r"rows\.csv lacks g, redshift\. .*--map g=COLUMN"):
        read([path])


@pytest.mark.parametrize(
    ("column", "value", "why"),
    [
        ("u", "bright", "u is 'bright', which is no number"),
        ("class", "COMET", "class is 'COMET', not one of GALAXY, QSO, STAR"),
        ("class", "", "class is '', not one of"),
        ("cam_col", "True", "cam_col is 'True', which is no number"),
        ("plate", "12.5", "plate is 12.5, which is no whole number"),
        ("plate", "1e300", "which is no whole number"),
        ("redshift", "0.1,7", "19 cells, but the header has 18"),
        ("redshift", '0.1"', "a quotation mark is opened and not closed"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(
    column: str, value: str, why: str, frame: pd.DataFrame, tmp_path: Path
) -> None:
    frame = frame.astype(object)
    frame.loc[2, column] = value
    path = tmp_path / "rows.csv"
    frame.to_csv(path, index=False, quoting=csv.QUOTE_NONE, escapechar="\0")
    path.write_text(path.read_text().replace("\0", ""))
    with pytest.raises(ColumnValueError) as raised:
        read([path])
    assert str(raised.value).startswith("rows.csv, line 4: ")
    assert why in str(raised.value)


def test_a_column_of_booleans_is_none_of_numbers(frame: pd.DataFrame, tmp_path: Path) -> None:
    with pytest.raises(ColumnValueError, match=r"rows\.parquet, line 1: cam_col is 'True'"):
        read([arrow_written(frame, tmp_path, cam_col=pa.array([True] * 200))])


@pytest.mark.parametrize("content", [b"", b'a,b\n"1,2\n"3', b"\x89PNG\xff\xfe", b"u,g,r,i,z,redshift,class\n"])
def test_a_file_that_is_no_catalogue_is_refused(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_bytes(content)
    with pytest.raises(CatalogueError, match=r"rows\.csv"):
        read([path])


@pytest.mark.parametrize(
    "identifiers",
    [
        pa.array([1237660000000000000 + n for n in range(200)], pa.int64()),
        pa.array([2**63 + n for n in range(200)], pa.uint64()),
        pa.array([Decimal(10**22 + n) for n in range(200)], pa.decimal128(38, 0)),
        pa.array([str(10**22 + n) for n in range(200)]),
        pa.array(["-1", *(str(2**63 + n) for n in range(199))]),
        pa.array([None, *range(199)], pa.int64()),
        pa.array(["", *map(str, range(199))]),
    ],
    ids=["int64", "uint64", "decimal", "23 digits", "-1 beside 2^63", "one null", "one empty"],
)
def test_identifiers_of_any_kind_are_read_and_copied_digit_by_digit(
    identifiers: pa.Array, frame: pd.DataFrame, tmp_path: Path
) -> None:
    path = arrow_written(frame, tmp_path, obj_ID=identifiers, spec_obj_ID=identifiers)
    found = read([path])
    expected = [None if value in (None, "") else float(value) for value in identifiers.to_pylist()]
    np.testing.assert_array_equal(found["obj_ID"], np.array(expected, dtype=float))
    out = tmp_path / "copy.csv"
    assert copy([str(path)], out) == 200
    copied = pd.read_csv(out, dtype=str, keep_default_na=False)
    assert copied["spec_obj_ID"].tolist() == ["" if v is None else str(v) for v in identifiers.to_pylist()]
    assert list(copied.columns) == list(COLUMNS)


def test_a_sentinel_is_counted_as_one_in_every_format(frame: pd.DataFrame, tmp_path: Path) -> None:
    frame.loc[0, "u"] = -9999.0
    for path in (written(frame, tmp_path), arrow_written(frame, tmp_path)):
        assert clean(read([path])).sentinel == 1


def test_photometry_and_class_are_enough_and_files_are_taken_together(frame: pd.DataFrame, tmp_path: Path) -> None:
    whole, photometry = written(frame.iloc[:120], tmp_path), tmp_path / "photometry.csv"
    frame.iloc[120:][[*"ugriz", "redshift", "class"]].to_csv(photometry, index=False)
    cleaned = clean(read([whole, photometry]))
    assert cleaned.read == len(frame)
    assert len(cleaned.rows) == len(clean(frame.drop(columns="rerun_ID")).rows)
    unknown = cleaned.rows["plate"].isna().to_numpy()
    assert unknown.sum() == 80
    assert len(set(cleaned.plates[unknown])) == 80
    assert (cleaned.plates[unknown] < 0).all()


def test_an_object_without_a_spectrum_is_a_duplicate_of_its_own_photometry_alone(
    frame: pd.DataFrame, tmp_path: Path
) -> None:
    rows = frame.iloc[:10][[*"ugriz", "redshift", "class"]]
    assert clean(read([written(pd.concat([rows, rows.iloc[:3]]), tmp_path)])).duplicates == 3


@pytest.mark.parametrize("command", [["fetch", "--from"], ["fit-synth", "--data"]], ids=" ".join)
def test_commands_take_a_map(command: list[str], tmp_path: Path) -> None:
    path = written(synthetic_frame(1200).rename(columns={"class": "kind"}), tmp_path)
    arguments: list[Any] = [*command, str(path), "--out", str(tmp_path / "out")]
    refused = CliRunner().invoke(data, arguments)
    assert refused.exit_code == 1
    assert "rows.csv lacks class." in refused.output
    assert CliRunner().invoke(data, [*arguments, "--map", "class=kind"]).exit_code == 0
