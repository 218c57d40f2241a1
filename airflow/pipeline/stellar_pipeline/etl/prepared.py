"""The rows that the stages left, as ``stellar_pipeline.model.training`` takes them."""

from __future__ import annotations

import pyarrow.parquet as pq

from stellar_pipeline.data.catalogue import Cleaned
from stellar_pipeline.etl.parts import TEST, TRAIN
from stellar_pipeline.object_store import open_root


def load_train(root: str) -> Cleaned:
    """The 70% to learn from. Raises MissingObjectError if the split has not been made; StorageError."""
    return _load(root, TRAIN)


def load_test(root: str) -> Cleaned:
    """The 30% that every model is compared on. Raises as ``load_train``."""
    return _load(root, TEST)


def _load(root: str, name: str) -> Cleaned:
    """What was left out was left out by an earlier stage, so this counts none."""
    with open_root(root).open(name) as path:
        rows = pq.read_table(path).to_pandas()
    return Cleaned(rows=rows, read=len(rows), sentinel=0, out_of_limits=0, duplicates=0)
