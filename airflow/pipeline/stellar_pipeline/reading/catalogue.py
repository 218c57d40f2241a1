"""Catalogues: files, folders, globs and S3 keys in, pieces of rows out, with every column's meaning known."""

from __future__ import annotations

import glob
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from stellar.schema import MAGNITUDES
from stellar_pipeline.object_store import open_file, open_root
from stellar_pipeline.reading.columns import Matching, match
from stellar_pipeline.reading.content import opened
from stellar_pipeline.reading.delimited import Delimited
from stellar_pipeline.reading.errors import CatalogueError
from stellar_pipeline.reading.formats import Fits, JsonLines, Parquet, VoTable
from stellar_pipeline.reading.table import Table

_S3 = "s3://"
_OURS = (".bad.csv", ".part", ".part.json")
"""Endings of what a classification leaves beside its output: in a folder of inputs they are none."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A file that is being read: its table, and which column is which field."""

    table: Table
    matching: Matching

    @property
    def columns(self) -> Mapping[str, str]:
        return self.matching.columns


def find(inputs: Sequence[str]) -> list[str]:
    """The files that paths, folders, globs and ``s3://`` addresses stand for, in order.

    Raises CatalogueError where there is none, StorageError.
    """
    found: list[str] = []
    for each in inputs:
        files = list(_files(each))
        if not files:
            raise CatalogueError(f"{each}: there is no such file, or nothing in it")
        found += files
    return list(dict.fromkeys(found))


@contextmanager
def open_catalogue(
    address: str | Path, given: Mapping[str, str] | None = None, required: Sequence[str] = MAGNITUDES
) -> Iterator[Opened]:
    """One file, local or ``s3://``, in any of the formats. ``given`` maps fields to columns.

    Raises CatalogueError, StorageError, OSError.
    """
    name = Path(str(address)).name
    with _local(str(address)) as path, opened(path, name) as (kind, stream, head):
        table: Table
        if kind == "parquet":
            table = Parquet(name, stream)
        elif kind == "fits":
            table = Fits(name, stream)
        elif kind == "votable":
            table = VoTable(name, stream)
        elif kind == "jsonl":
            table = JsonLines(name, stream)
        else:
            table = Delimited(name, stream, head)
        matching = match(name, table.schema.names, given or {}, required)
        yield Opened(table, matching)


@contextmanager
def _local(address: str) -> Iterator[Path]:
    if address.startswith(_S3):
        with open_file(address) as path:
            yield path
    else:
        yield Path(address)


def _files(address: str) -> Iterator[str]:
    if address.startswith(_S3):
        bucket, _, key = address.removeprefix(_S3).partition("/")
        if key and not key.endswith("/") and "*" not in key:
            yield address
            return
        prefix, _, pattern = key.rpartition("/")
        objects = open_root(f"{_S3}{bucket}/{prefix}")
        for name in objects.names(""):
            if _is_input(name) and Path(name).match(pattern or "*"):
                yield objects.uri(name)
        return
    path = Path(address)
    if path.is_dir():
        yield from (str(each) for each in sorted(path.rglob("*")) if each.is_file() and _is_input(each.name))
    elif path.exists():
        yield address
    else:
        names = glob.glob(address, recursive=True)  # noqa: PTH207 - a pattern may begin at the root
        yield from (each for each in sorted(names) if Path(each).is_file())


def _is_input(name: str) -> bool:
    last = name.rpartition("/")[2]
    return not last.startswith((".", "_")) and not last.endswith(_OURS)
