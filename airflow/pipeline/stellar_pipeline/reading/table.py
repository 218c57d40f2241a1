"""A table that is read piece by piece: what every format becomes."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import pyarrow as pa

BATCH = 65_536
"""Rows that are in memory at a time."""


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line, or a row where there are no lines, that could not be read or classified."""

    source: str
    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class Piece:
    """Rows, the line (or row, from 1) in the file of each, and lines that are none of the table's rows."""

    rows: pa.RecordBatch
    lines: Sequence[int]
    bad: list[BadLine] = field(default_factory=list)


class Table(ABC):
    """One file. ``schema`` has the file's own columns; ``total`` is how many rows there are, where that is known."""

    name: str
    schema: pa.Schema
    total: int | None = None

    @abstractmethod
    def pieces(self) -> Iterator[Piece]:
        """The rows in order. Raises CatalogueError, OSError."""


def from_batches(batches: Iterator[pa.RecordBatch]) -> Iterator[Piece]:
    """Pieces of a format that has rows and no lines."""
    start = 1
    for batch in batches:
        yield Piece(batch, range(start, start + batch.num_rows))
        start += batch.num_rows
