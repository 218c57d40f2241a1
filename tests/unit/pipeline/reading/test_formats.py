"""The same rows out of every format, and in words what cannot be read."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from stellar_pipeline.reading.catalogue import find, open_catalogue
from stellar_pipeline.reading.errors import CatalogueError
from stellar_pipeline.reading.table import BadLine
from stellar_pipeline.reading.values import labels, numbers

BIG = 2**63 + 25
NAMES = ["objid", "u", "g", "r", "i", "z"]
ROWS = [[BIG, 19.5, 18.25, 17.0, 16.5, 16.25], [1, -0.5, 18.0, 17.5, 16.0, 15.75]]


def text(delimiter: str = ",", rows: list[list[Any]] = ROWS, header: list[str] = NAMES) -> str:
    return "".join(delimiter.join(map(str, line)) + "\n" for line in [header, *rows])


def parquet() -> bytes:
    content = io.BytesIO()
    columns = list(zip(*ROWS, strict=True))
    arrays = [pa.array(columns[0], pa.uint64()), *(pa.array(column) for column in columns[1:])]
    pq.write_table(pa.table(arrays, names=NAMES), content)
    return content.getvalue()


def fits(kind: str) -> bytes:
    from astropy.table import Table

    table = Table(rows=[tuple(row) for row in ROWS], names=NAMES)
    table["objid"] = (
        np.array([row[0] for row in ROWS], dtype=np.uint64) if kind == "fits" else [str(r[0]) for r in ROWS]
    )
    if kind == "ascii.ecsv":
        lines = io.StringIO()
        table.write(lines, format=kind)
        return lines.getvalue().encode()
    content = io.BytesIO()
    table.write(content, format=kind)
    return content.getvalue()


def zipped(content: bytes) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("rows.csv", content)
    return target.getvalue()


CONTENTS: dict[str, Callable[[], bytes]] = {
    "comma": lambda: text().encode(),
    "semicolon": lambda: text(";").encode(),
    "tab": lambda: text("\t").encode(),
    "blanks": lambda: text("   ").encode(),
    "BOM": lambda: text().encode("utf-8-sig"),
    "UTF-16": lambda: text().encode("utf-16"),
    "Windows lines": lambda: text().replace("\n", "\r\n").encode(),
    "Latin-1 comment": lambda: ("# Observé à Apache Point\n" + text()).encode("latin-1"),
    "SkyServer": lambda: ("#Table1\n" + text()).encode(),
    "quoted": lambda: text(rows=[[f'"{cell}"' for cell in row] for row in ROWS]).encode(),
    "trailing commas": lambda: "".join(
        line + ("," if n else "") + "\n" for n, line in enumerate(text().splitlines())
    ).encode(),
    "decimal commas": lambda: text(";", [[str(cell).replace(".", ",") for cell in row] for row in ROWS]).encode(),
    "NumPy": lambda: ("# " + text(" ")).encode(),
    "gzip": lambda: gzip.compress(text().encode()),
    "bzip2": lambda: bz2.compress(text().encode()),
    "zstd": lambda: pa.compress(text().encode(), "zstd", asbytes=True),
    "zip": lambda: zipped(text().encode()),
    "JSON Lines": lambda: "".join(json.dumps(dict(zip(NAMES, row, strict=True))) + "\n" for row in ROWS).encode(),
    "JSON Lines in gzip": lambda: gzip.compress(CONTENTS["JSON Lines"]()),
    "Parquet": parquet,
    "Parquet in gzip": lambda: gzip.compress(parquet()),
    "FITS": lambda: fits("fits"),
    "FITS in gzip": lambda: gzip.compress(fits("fits")),
    "VOTable": lambda: fits("votable"),
    "ECSV": lambda: fits("ascii.ecsv"),
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("kind", CONTENTS)
def test_every_format_gives_the_same_rows_with_exact_identifiers(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "rows.anything"
    path.write_bytes(CONTENTS[kind]())
    with open_catalogue(path) as opened:
        pieces = list(opened.table.pieces())
    assert not [bad for piece in pieces for bad in piece.bad]
    rows = [row for piece in pieces for row in piece.rows.to_pylist()]
    assert [int(row[opened.columns["obj_ID"]]) for row in rows] == [BIG, 1]
    for place, band in enumerate("ugriz", 1):
        found = np.concatenate([numbers(piece.rows.column(opened.columns[band]))[0] for piece in pieces])
        assert found.tolist() == [row[place] for row in ROWS]


def test_a_line_that_is_no_row_is_named_and_costs_no_other(tmp_path: Path) -> None:
    lines = text(rows=[[n, 19, 18, 17, 16, 15] for n in range(30)]).splitlines()
    lines[3] = '2,"19,18,17,16,15'
    lines[9] += ",99"
    lines[12] = "11,19"
    path = tmp_path / "rows.csv"
    path.write_text("\n".join(lines) + "\n")
    with open_catalogue(path) as opened:
        [piece] = opened.table.pieces()
    assert piece.rows.num_rows == 27
    assert [int(each) for each in piece.rows.column("objid").to_pylist()] == [
        n for n in range(30) if n not in (2, 8, 11)
    ]
    assert piece.lines[:4] == [2, 3, 5, 6]
    assert piece.bad == [
        BadLine("rows.csv", 4, "a quotation mark is opened and not closed"),
        BadLine("rows.csv", 10, "7 cells, but the header has 6"),
        BadLine("rows.csv", 13, "2 cells, but the header has 6"),
    ]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "is empty"),
        (b"\x89PNG\r\n", "a PNG picture"),
        (b"<!DOCTYPE html><html>", "a web page"),
        (b"\x1f\x8b\x08\x00broken", "damaged"),
        (gzip.compress(text(rows=ROWS * 50_000).encode())[:-20], "damaged"),
        (gzip.compress(CONTENTS["JSON Lines"]())[:-5], "damaged"),
        (gzip.compress(text().encode())[:14] + b"\xff" * 40, "damaged"),
        (bz2.compress(text().encode())[:-9], "damaged"),
        (zipped(text().encode())[:-30], "damaged"),
        (b"PAR1 and no more", "damaged Parquet"),
        (b"\x01\x00\x02\x03" * 40, "binary file"),
        (b"19.1,18,17,16,15\n19,18,17,16,15\n", "no header line"),
        (b"u,u,g,r,i,z\n1,1,1,1,1,1\n", "two columns of the name u"),
    ],
    ids=[
        "nothing",
        "PNG",
        "HTML",
        "gzip magic alone",
        "cut gzip",
        "cut packed lines",
        "overwritten gzip",
        "cut bzip2",
        "cut zip",
        "cut Parquet",
        "binary",
        "no header",
        "a name twice",
    ],
)
def test_what_cannot_be_read_says_why(content: bytes, why: str, tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_bytes(content)
    with pytest.raises(CatalogueError, match=why), open_catalogue(path) as opened:
        list(opened.table.pieces())


def test_missing_values_are_no_numbers_and_booleans_are_none() -> None:
    found, wrong = numbers(pa.array(["1.5", " -9999 ", "NaN", "", "null", "1e3", "True", "1_0", None]))
    assert np.isnan(found).tolist() == [False, True, True, True, True, False, True, True, True]
    assert wrong == {6: "True", 7: "1_0"}
    assert numbers(pa.array([True, None]))[1] == {0: "True"}
    assert numbers(pa.array([-9999, 3], pa.int64()))[0].tolist()[1] == 3


def test_classes_are_told_in_any_spelling() -> None:
    places, wrong = labels(pa.array(["galaxy", " QSO", "quasar", "STAR", "", None, "COMET"]))
    assert places.tolist() == [0, 1, 1, 2, -1, -1, -1]
    assert wrong == {6: "COMET"}


def test_folders_and_globs_stand_for_their_files(tmp_path: Path) -> None:
    for name in ("b.csv", "a.csv", "c.fits", ".hidden", "out.bad.csv"):
        (tmp_path / name).write_text("x")
    assert [Path(each).name for each in find([str(tmp_path)])] == ["a.csv", "b.csv", "c.fits"]
    assert [Path(each).name for each in find([f"{tmp_path}/?.csv"])] == ["a.csv", "b.csv"]
    with pytest.raises(CatalogueError, match="no such file"):
        find([f"{tmp_path}/none*.csv"])
