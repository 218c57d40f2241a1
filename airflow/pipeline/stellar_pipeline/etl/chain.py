"""The stages in their order, as ``stellar pipeline run`` runs them and a DAG's tasks do one by one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from stellar_pipeline.etl.obtain import DEFAULT_ROWS, obtain
from stellar_pipeline.etl.parts import DEFAULT_SEED, split
from stellar_pipeline.etl.preprocess import preprocess
from stellar_pipeline.etl.stage import Progress, Record, StageOrderError, read_record, silent
from stellar_pipeline.etl.standardise import standardise
from stellar_pipeline.object_store import open_root

STAGES = ("obtain", "preprocess", "split", "standardise")


def run(
    root: str,
    source: str | None = None,
    *,
    rows: int = DEFAULT_ROWS,
    seed: int = 0,
    split_seed: int = DEFAULT_SEED,
    mapping: Mapping[str, str] | None = None,
    start: str = "obtain",
    force: bool = False,
    progress: Progress = silent,
) -> Iterator[Record]:
    """Run the stages from ``start`` on; yields each one's record. Those before it must have run. Raises as they do.

    ``force`` runs them even if their files are there and would be the same.
    """
    wanted = STAGES[STAGES.index(start) :]
    steps = {
        "obtain": lambda: obtain(root, source, rows=rows, seed=seed, mapping=mapping, force=force, progress=progress),
        "preprocess": lambda: preprocess(root, force=force, progress=progress),
        "split": lambda: split(root, split_seed, force=force, progress=progress),
        "standardise": lambda: standardise(root, force=force, progress=progress),
    }
    for stage in wanted:
        yield steps[stage]()


def records(root: str) -> dict[str, Record | None]:
    """What each stage last did under the root; None for one that has not run. Raises StorageError."""
    objects = open_root(root)
    found: dict[str, Record | None] = {}
    for stage in STAGES:
        try:
            found[stage] = read_record(objects, stage)
        except StageOrderError:
            found[stage] = None
    return found
