"""Fourth stage, ``standardised/`` and ``data_star.json``: the model's input on one scale, and what the data are.

Means, deviations and the reference for drift are those of the training rows alone; the test rows are only scaled.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from stellar.manifest import FEATURES
from stellar.schema import CLASSES, FIELD_BY_NAME, MAGNITUDES
from stellar_pipeline.data.columns import COLUMNS
from stellar_pipeline.etl.parts import TEST, TRAIN, read_labels
from stellar_pipeline.etl.population import Reference
from stellar_pipeline.etl.stage import Progress, Record, fingerprint, read_record, run_stage, silent
from stellar_pipeline.etl.tables import read_parquet, write_parquet
from stellar_pipeline.model.features import model_input
from stellar_pipeline.object_store import Objects, open_root
from stellar_pipeline.reading.training import SCHEMA

STANDARDISED = {TRAIN: "standardised/train.parquet", TEST: "standardised/test.parquet"}
METADATA = "data_star.json"

_INPUTS = (*MAGNITUDES, "redshift", "class")
_STANDARDISED_SCHEMA = pa.schema([*((name, pa.float32()) for name in FEATURES), ("class", pa.string())])


def standardise(root: str, *, force: bool = False, progress: Progress = silent) -> Record:
    """Scale the ten features of the model's input to mean 0 and deviation 1; describe the data in ``data_star.json``.

    Raises StageOrderError, StorageError.
    """
    objects = open_root(root)
    parts = read_record(objects, "split")

    def make(folder: Path) -> tuple[dict[str, Path], Record]:
        files: dict[str, Path] = {}
        with objects.open(TRAIN) as path:
            table = _features(path)
            exact = [table[:, place].astype(np.float64) for place in range(len(FEATURES))]
            means = np.array([column.mean() for column in exact])
            deviations = np.array([column.std() for column in exact])
            reference = Reference.of(table, read_labels(path))
            del table, exact
        for source, target in STANDARDISED.items():
            files[target] = folder / Path(target).name
            with objects.open(source) as path:
                write_parquet(files[target], _scaled(path, means, deviations, progress), _STANDARDISED_SCHEMA)
        scaler = {
            "means": dict(zip(FEATURES, means.tolist(), strict=True)),
            "deviations": dict(zip(FEATURES, deviations.tolist(), strict=True)),
        }
        files[METADATA] = folder / METADATA
        files[METADATA].write_text(json.dumps(_metadata(objects, parts, scaler, reference), indent=1) + "\n")
        return files, {"scaler": scaler}

    fingerprints = {name: fingerprint(parts, name) for name in STANDARDISED}
    inputs = {**fingerprints, "source": read_record(objects, "obtain")["inputs"]}
    return run_stage(objects, "standardise", inputs, make, force=force)


def _features(path: Path) -> NDArray[np.float32]:
    """The model's input for a whole file: 40 bytes a row."""
    chunks = [model_input(batch.to_pandas()) for batch in read_parquet(path, _INPUTS)]
    return np.concatenate([np.empty((0, len(FEATURES)), dtype=np.float32), *chunks])


def _scaled(
    path: Path, means: NDArray[np.float64], deviations: NDArray[np.float64], progress: Progress
) -> Iterator[pa.RecordBatch]:
    scale = np.where(deviations > 0, deviations, 1.0)
    for batch in read_parquet(path, _INPUTS):
        scaled = ((model_input(batch.to_pandas()) - means) / scale).astype(np.float32)
        columns = [pa.array(np.ascontiguousarray(column)) for column in scaled.T]
        yield pa.RecordBatch.from_arrays([*columns, batch.column("class")], schema=_STANDARDISED_SCHEMA)
        progress("standardise", batch.num_rows)


def _metadata(objects: Objects, parts: Record, scaler: dict[str, Any], reference: Reference) -> dict[str, Any]:
    obtained, preprocessed = read_record(objects, "obtain"), read_record(objects, "preprocess")
    return {
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "fingerprint": parts["inputs"]["preprocessed"],
        "source": obtained["inputs"],
        "rows": preprocessed["rows"],
        "columns": [_column(name) for name in COLUMNS if name != "rerun_ID"],
        "categories": {"class": list(CLASSES)},
        "class_counts": parts["class_counts"],
        "split_seed": parts["seed"],
        "features": list(FEATURES),
        "scaler": scaler,
        "reference": reference.to_json(),
        "objects": {name: record["sha256"] for name, record in parts["outputs"].items()},
    }


def _column(name: str) -> dict[str, Any]:
    kind = {"name": name, "type": str(SCHEMA.field(name).type)}
    field = FIELD_BY_NAME.get(name)
    return kind if field is None else {**kind, "unit": field.unit, "description": field.description}
