"""Third stage, ``train/`` and ``test/``: 70% of the rows to learn from, 30% that no training ever sees."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from stellar.schema import CLASSES
from stellar_pipeline.data.split import HELD_BACK, holdout
from stellar_pipeline.etl.preprocess import PREPROCESSED
from stellar_pipeline.etl.stage import Progress, Record, fingerprint, read_record, run_stage, silent
from stellar_pipeline.etl.tables import read_parquet, write_parquet
from stellar_pipeline.object_store import open_root

TRAIN, TEST = "train/catalogue.parquet", "test/catalogue.parquet"
DEFAULT_SEED = 17


def split(root: str, seed: int = DEFAULT_SEED, *, force: bool = False, progress: Progress = silent) -> Record:
    """Divide the preprocessed rows by ``data.split.holdout``: the classes have the same shares in both parts.

    Raises StageOrderError, StorageError.
    """
    objects = open_root(root)
    source = read_record(objects, "preprocess")

    def make(folder: Path) -> tuple[dict[str, Path], Record]:
        train, test = folder / "train.parquet", folder / "test.parquet"
        with objects.open(PREPROCESSED) as path:
            labels = read_labels(path)
            held_back = np.zeros(len(labels), dtype=np.bool_)
            held_back[holdout(labels, seed)[1]] = True
            schema = pq.read_schema(path)
            write_parquet(train, _where(path, ~held_back, progress), schema)
            write_parquet(test, _where(path, held_back, progress), schema)
        figures = {"train": _counts(labels[~held_back]), "test": _counts(labels[held_back])}
        return {TRAIN: train, TEST: test}, {"class_counts": figures, "seed": seed}

    inputs = {"preprocessed": fingerprint(source, PREPROCESSED), "seed": seed, "held_back": HELD_BACK}
    return run_stage(objects, "split", inputs, make, force=force)


def read_labels(path: Path) -> NDArray[np.intp]:
    """The class of each row of a file, as its place in ``stellar.schema.CLASSES``."""
    places = [pc.index_in(batch.column(0), pa.array(CLASSES)).to_numpy() for batch in read_parquet(path, ["class"])]
    return np.concatenate([np.empty(0, dtype=np.intp), *places]).astype(np.intp)


def _where(path: Path, chosen: NDArray[np.bool_], progress: Progress) -> Iterator[pa.RecordBatch]:
    start = 0
    for batch in read_parquet(path):
        yield batch.filter(pa.array(chosen[start : start + batch.num_rows]))
        start += batch.num_rows
        progress("split", batch.num_rows)


def _counts(labels: NDArray[np.intp]) -> dict[str, int]:
    return dict(zip(CLASSES, np.bincount(labels, minlength=len(CLASSES)).tolist(), strict=True))
