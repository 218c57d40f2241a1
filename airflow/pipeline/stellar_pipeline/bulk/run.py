"""``stellar classify``: pieces of rows through the model to a file, so that a kill costs some seconds of work.

Beside the output grow ``OUT.part``, the file itself, and ``OUT.part.json``, which says how much of it is settled and
where in the inputs that is. The same command goes on from there.
"""

from __future__ import annotations

import base64
import csv
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa

from stellar.classifier import Classifier
from stellar_pipeline.bulk.kinds import Kinds
from stellar_pipeline.bulk.output import Output
from stellar_pipeline.bulk.outputs import output_for
from stellar_pipeline.bulk.scoring import Scorer, joined
from stellar_pipeline.bulk.summary import Summary
from stellar_pipeline.object_store import identify
from stellar_pipeline.reading.catalogue import Opened, find, open_catalogue
from stellar_pipeline.reading.errors import CatalogueError
from stellar_pipeline.reading.table import BadLine, Piece
from stellar_pipeline.reading.values import labels

PIECES = 4
"""Pieces between two settled places: a row group of Parquet."""


@dataclass(frozen=True, slots=True)
class Options:
    """What of a run changes its output."""

    mapping: Mapping[str, str] = field(default_factory=dict)
    abstain: float = 0.0
    text: Sequence[str] = ()


@dataclass(slots=True)
class Step:
    """How far a run is: the file it reads, rows done in all, and rows of the file where known."""

    file: str
    rows: int
    of_file: int
    total: int | None
    notes: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Place:
    """Where a run is settled: files done, pieces of the next one, lengths of the output and of the list of bad rows.

    ``schema`` is the output's, serialized and in Base64: rows to come keep to it.
    """

    key: str
    files: int = 0
    pieces: int = 0
    output: int = 0
    schema: str | None = None
    bad: int = 0
    summary: dict[str, Any] = field(default_factory=dict)


def classify(
    inputs: Sequence[str], out: Path, classifier: Classifier, options: Options, told: Callable[[Step], None]
) -> Summary:
    """Classify catalogues into one file. ``told`` is called after every piece.

    Raises CatalogueError, StorageError, OSError.
    """
    files = find(inputs)
    output_for(out.name)
    if str(out.resolve()) in {str(Path(each).resolve()) for each in files}:
        raise CatalogueError(f"{out} is an input too: give another --out")
    key = run_key(files, out, classifier.version, options)
    run = _Run(out, key, Scorer(classifier, options.abstain), options, told)
    return run.through(files)


class _Run:
    def __init__(self, out: Path, key: str, scorer: Scorer, options: Options, told: Callable[[Step], None]) -> None:
        self._out, self._scorer, self._options, self._told = out, scorer, options, told
        self._part = out.with_name(f"{out.name}.part")
        self._journal = out.with_name(f"{out.name}.part.json")
        self._bad_path = out.with_name(f"{out.name}.bad.csv")
        self._place = self._settled(key)
        self._summary = Summary(**self._place.summary)

    def through(self, files: Sequence[str]) -> Summary:
        """Everything that is not done yet."""
        stored = self._place.schema
        schema = pa.ipc.read_schema(pa.py_buffer(base64.b64decode(stored))) if stored else None
        output = output_for(self._out.name)(self._part, self._place.output, schema)
        self._bad = self._bad_path.open("r+" if self._place.bad else "w", newline="", encoding="utf-8")
        self._bad.truncate(self._place.bad)
        self._bad.seek(self._place.bad)
        self._writer = csv.writer(self._bad, lineterminator="\n")
        if not self._place.bad:
            self._writer.writerow(["file", "line", "reason"])
        try:
            for number, file in enumerate(files):
                if number < self._place.files:
                    continue
                with open_catalogue(file, self._options.mapping) as opened:
                    self._file(opened, number, output)
                self._settle(output, number + 1, 0)
            if output.schema is not None:
                output.finish()
        finally:
            output.close()
            self._bad.close()
        if output.schema is None:
            self._part.unlink()
            self._journal.unlink(missing_ok=True)
            raise CatalogueError(self._nothing(files))
        self._part.replace(self._out)
        self._journal.unlink(missing_ok=True)
        if not self._summary.refused + self._summary.unreadable:
            self._bad_path.unlink()
        return self._summary

    def _nothing(self, files: Sequence[str]) -> str:
        if self._summary.unreadable:
            return f"no line is a row: {self._bad_path} names each with the reason"
        self._bad_path.unlink()
        return f"{', '.join(files[:10])}: there is no row below the header"

    def _file(self, opened: Opened, number: int, output: Output) -> None:
        table, notes = opened.table, [opened.matching.caution] if opened.matching.caution else []
        done_before = self._place.pieces if self._place.files == number else 0
        of_file = 0
        for count, piece in enumerate(table.pieces(), 1):
            of_file += piece.rows.num_rows
            if count <= done_before:
                continue
            self._piece(opened, piece, output)
            self._told(Step(table.name, self._summary.rows, of_file, table.total, notes))
            notes = []
            if count % PIECES == 0:
                self._settle(output, number, count)

    def _piece(self, opened: Opened, piece: Piece, output: Output) -> None:
        rows, name, summary = piece.rows, opened.table.name, self._summary
        if not rows.num_rows:
            self._writer.writerows([each.source, each.line, each.reason] for each in piece.bad)
            summary.unreadable += len(piece.bad)
            return
        scores = self._scorer.score(rows, opened.columns)
        truths = None
        if (column := opened.columns.get("class")) is not None:
            truths, _ = labels(rows.column(column))
        summary.count(scores.places, truths)
        refused = [BadLine(name, piece.lines[row], reason) for row, reason in scores.refused.items()]
        for each in sorted([*piece.bad, *refused], key=lambda bad: bad.line):
            self._writer.writerow([each.source, each.line, each.reason])
        if output.typed:
            rows = self._typed(rows, opened, output).apply(rows, name, piece.lines)
        output.add(joined(rows, scores.columns))
        summary.rows += rows.num_rows
        summary.refused += len(refused)
        summary.unreadable += len(piece.bad)
        summary.photometric += scores.photometric
        summary.spectroscopic += rows.num_rows - len(refused) - scores.photometric
        summary.unsure += scores.unsure
        summary.unreliable += scores.unreliable
        summary.unusual += scores.unusual

    def _typed(self, rows: pa.RecordBatch, opened: Opened, output: Output) -> Kinds:
        if output.schema is None:
            return Kinds(rows, opened.columns, self._options.text)
        return Kinds.of(output.schema)

    def _settle(self, output: Output, files: int, pieces: int) -> None:
        self._bad.flush()
        place = self._place
        place.files, place.pieces = files, pieces
        place.output, place.bad = output.settle(), self._bad.tell()
        if output.schema is not None:
            place.schema = base64.b64encode(output.schema.serialize()).decode()
        place.summary = asdict(self._summary)
        beside = self._journal.with_name(f"{self._journal.name}.new")
        beside.write_text(json.dumps(asdict(place)))
        beside.replace(self._journal)

    def _settled(self, key: str) -> _Place:
        """Where an earlier run of the same command was settled, if there was one."""
        try:
            place = _Place(**json.loads(self._journal.read_text()))
            fits = self._part.stat().st_size >= place.output and self._bad_path.stat().st_size >= place.bad
        except (OSError, ValueError, TypeError):
            return _Place(key)
        return place if place.key == key and fits else _Place(key)


def run_key(files: Sequence[str], out: Path, version: str, options: Options) -> str:
    """What tells this run from others."""
    inputs = [[each, *_identity(each)] for each in files]
    content = json.dumps([inputs, out.name, version, asdict(options)], default=list)
    return hashlib.sha256(content.encode()).hexdigest()


def _identity(address: str) -> list[Any]:
    if address.startswith("s3://"):
        return list(identify(address).values())
    found = Path(address).stat()
    return [found.st_size, found.st_mtime_ns]
