"""One stage's bookkeeping: what it was made from is written down, and a stage that would make the same is skipped.

The record of a stage, ``stages/<stage>.json``, is written after its files. A stage that was interrupted has none, or
one of other inputs, so the next run makes it again.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from stellar_pipeline.object_store import MissingObjectError, Objects, digest_file

Record = dict[str, Any]
"""What a stage returns and what is kept of it: only what JSON can say."""

Progress = Callable[[str, int], None]
"""Told the name of the stage and the rows that it has passed since it last said so."""

VERSION = 1
"""Of the stages' code: raised when the same input would give other files, so that nothing old is kept."""


class StageOrderError(MissingObjectError):
    """A stage was asked for before the one that it builds on."""


def silent(_stage: str, _rows: int) -> None:
    """Progress that nobody watches."""


def record_name(stage: str) -> str:
    """Where a stage's record lies, relative to the root."""
    return f"stages/{stage}.json"


def read_record(objects: Objects, stage: str) -> Record:
    """What the stage did. Raises StageOrderError if it has not run."""
    try:
        content: Record = json.loads(objects.read(record_name(stage)))
    except MissingObjectError:
        raise StageOrderError(f"{objects.uri('')} has no stage {stage!r} yet: run it first") from None
    return content


def run_stage(
    objects: Objects,
    stage: str,
    inputs: Mapping[str, Any],
    make: Callable[[Path], tuple[Mapping[str, Path], Record]],
    *,
    force: bool = False,
) -> Record:
    """Make the stage's files, or skip it.

    Args:
        objects: where the files are kept.
        stage: its name.
        inputs: fingerprints and parameters: the stage is skipped if they are those of the kept files.
        make: writes files into a folder; gives them by the names to keep them under, and figures for the record.
        force: make them even if the kept files are of the same inputs.

    Returns the record, in which ``skipped`` says whether the files are from an earlier run.
    """
    key = _digest(json.dumps([VERSION, stage, inputs], sort_keys=True).encode())
    if not force and (kept := _kept(objects, stage, key)):
        return {**kept, "skipped": True}
    begin = time.monotonic()
    with objects.workspace() as folder:
        files, figures = make(folder)
        outputs = {name: {"uri": objects.uri(name), **_describe(path)} for name, path in files.items()}
        for name, path in files.items():
            objects.put(name, path)
    made = {
        "stage": stage,
        "key": key,
        "inputs": dict(inputs),
        "outputs": outputs,
        "seconds": round(time.monotonic() - begin, 2),
        **figures,
    }
    objects.write(record_name(stage), json.dumps(made, indent=1).encode())
    return {**made, "skipped": False}


def fingerprint(record: Record, name: str) -> str:
    """SHA-256 of a file that the stage made."""
    return str(record["outputs"][name]["sha256"])


def _kept(objects: Objects, stage: str, key: str) -> Record | None:
    """The record of an earlier run with this key, if all its files are still there."""
    try:
        record = read_record(objects, stage)
    except (StageOrderError, ValueError):
        return None
    same = record.get("key") == key
    return record if same and all(objects.size(n) == o["bytes"] for n, o in record["outputs"].items()) else None


def _describe(path: Path) -> dict[str, Any]:
    return {"bytes": path.stat().st_size, "sha256": digest_file(path)}


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
