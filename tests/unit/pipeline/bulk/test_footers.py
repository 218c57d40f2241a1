"""Parquet files that grow by parts."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from stellar_pipeline.bulk.footers import Footer
from stellar_pipeline.bulk.outputs import ParquetOutput

ROWS = pa.RecordBatch.from_pydict({"n": list(range(100)), "name": [str(n) for n in range(100)]})


def grown(path: Path, parts: int) -> list[int]:
    """The file's length after each part."""
    output = ParquetOutput(path)
    lengths = []
    for _ in range(parts):
        output.add(ROWS)
        lengths.append(output.settle())
    output.finish()
    return lengths


def test_every_part_takes_the_same_room_however_many_there_are(tmp_path: Path) -> None:
    lengths = grown(tmp_path / "rows.parquet", 60)
    steps = {after - before for before, after in pairwise(lengths[9:])}
    assert max(steps) - min(steps) < 16  # offsets are written with as many bytes as they need
    assert pq.read_table(tmp_path / "rows.parquet").equals(pa.Table.from_batches([ROWS] * 60))


def test_a_part_that_is_not_whole_is_no_footer(tmp_path: Path) -> None:
    path = tmp_path / "rows.parquet"
    [*_, length] = grown(path, 3)
    with path.open("rb") as file:
        assert Footer.read(file, length).rows == 300
        with pytest.raises(ValueError, match="no Parquet footer"):
            Footer.read(file, length - 5)
