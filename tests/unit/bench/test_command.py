"""What ``stellar bench`` says of files that it cannot use."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from stellar_bench.cli import bench, read_rows
from support.catalogues import synthetic_file


def run(*arguments: str) -> Result:
    return CliRunner().invoke(bench, ["--http", "http://127.0.0.1:1", "--only", "rest", "--requests", "1", *arguments])


def test_rows_are_those_of_the_catalogue_though_it_begins_with_a_byte_order_mark(tmp_path: Path) -> None:
    path = synthetic_file(tmp_path, 10)
    rows = read_rows(path)
    assert (len(rows), len(rows[0])) == (10, 16)
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert read_rows(path) == rows


@pytest.mark.parametrize("content", [b"", b"u,g\n", b"u,g\n1,two\n", b"u\n\xff\n", b"a,b\n1,2\n"])
def test_a_file_without_objects_is_one_line(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "rows.csv").write_bytes(content)
    result = run("--data", str(tmp_path / "rows.csv"))
    assert result.exit_code == 1
    assert result.output.startswith(f"Error: {tmp_path / 'rows.csv'} ")


def test_figures_that_cannot_be_written_are_one_line(tmp_path: Path) -> None:
    result = run("--warmup", "0", "--json", str(tmp_path / "absent" / "figures.json"))
    assert result.exit_code == 1
    assert "The figures cannot be written" in result.output
