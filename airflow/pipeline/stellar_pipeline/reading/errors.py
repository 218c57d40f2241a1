"""Why a catalogue cannot be used, in words that tell the way out."""

from __future__ import annotations

from collections.abc import Sequence


class CatalogueError(ValueError):
    """The file cannot be used as a catalogue."""


class MissingColumnError(CatalogueError):
    """The file lacks columns that are needed."""

    def __init__(self, name: str, missing: Sequence[str], found: Sequence[str]) -> None:
        there = ", ".join(found[:30]) + (", …" if len(found) > 30 else "")
        super().__init__(
            f"{name} lacks {', '.join(missing)}. Its columns are: {there}. "
            f"If one of them is meant, say which: --map {missing[0]}=COLUMN"
        )
        self.missing = list(missing)


class AmbiguousColumnError(CatalogueError):
    """A column may mean two things."""


class ColumnValueError(CatalogueError):
    """A column holds something that is not of its kind."""
