"""Write what is served: ``model.onnx`` and the manifest that says what it is, verified before it is handed over."""

from __future__ import annotations

from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stellar.artefact import Artefact
from stellar.classifier import Classifier
from stellar.manifest import (
    FEATURES,
    MANIFEST_FILE,
    MODEL_FILE,
    FileEntry,
    Manifest,
    Provenance,
    Scaler,
    Training,
    TrainingData,
    VariantEntry,
    novelty_output,
    sha256,
)
from stellar_pipeline.data.catalogue import Cleaned
from stellar_pipeline.model.density import LIMIT
from stellar_pipeline.model.features import INPUTS, VARIANTS, model_input
from stellar_pipeline.model.graph import to_onnx
from stellar_pipeline.model.training import Trained

ALGORITHM = (
    "gradient-boosted trees and small neural networks, blended and calibrated on cross-validated logits; evaluated by "
    "plate-grouped cross-validation, then refitted to all rows for serving"
)
LIBRARIES = ("scikit-learn", "numpy", "scipy", "onnx")


class ExportError(RuntimeError):
    """The exported file does not answer as the model does."""


def package(trained: Trained, cleaned: Cleaned, source: str, provenance: Provenance = "unknown") -> Artefact:
    """The artefact of a trained model; ``source`` says in words where the rows are from, ``provenance`` what they are.

    Raises ExportError if ONNX Runtime gives another class than scikit-learn does for any row of the catalogue.
    """
    table = model_input(cleaned.rows)
    model = to_onnx(trained.models)
    digest, now = sha256(model), datetime.now(UTC).replace(microsecond=0)
    manifest = Manifest(
        version=f"{now:%Y%m%d}-{digest[:8]}",
        created=now,
        files={MODEL_FILE: FileEntry(sha256=digest, bytes=len(model))},
        variants={
            variant: VariantEntry(
                output=variant, features=INPUTS[variant], novelty=novelty_output(variant), novelty_limit=LIMIT
            )
            for variant in VARIANTS
        },
        metrics=trained.metrics,
        data=TrainingData(
            fingerprint=cleaned.fingerprint,
            rows=len(cleaned.rows),
            class_counts=cleaned.class_counts,
            source=source,
            provenance=provenance,
        ),
        scaler=_scaler(table),
        typical=_typical(table),
        libraries={name: metadata.version(name) for name in LIBRARIES},
        training=Training(algorithm=ALGORITHM, parameters=_parameters(trained), seed=trained.seed),
    )
    artefact = Artefact.verify((manifest.model_dump_json(indent=1) + "\n").encode(), model)
    _compare(artefact, trained, table)
    return artefact


def write(artefact: Artefact, folder: Path) -> None:
    """Put the artefact into a folder, which is made if need be; the manifest goes last. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MODEL_FILE).write_bytes(artefact.model)
    (folder / MANIFEST_FILE).write_bytes(artefact.manifest_bytes)


def _parameters(trained: Trained) -> dict[str, Any]:
    weights = {
        variant: {
            "trees": model.calibration.trees,
            "nets": model.calibration.nets,
            "bias": model.calibration.bias,
        }
        for variant, model in trained.models.items()
    }
    return {**trained.settings.as_dict(), "calibration": weights}


def _scaler(table: NDArray[np.float32]) -> Scaler:
    exact = table.astype(np.float64)
    means, deviations = exact.mean(axis=0), exact.std(axis=0)
    return Scaler(
        means=dict(zip(FEATURES, means.tolist(), strict=True)),
        deviations=dict(zip(FEATURES, deviations.tolist(), strict=True)),
    )


def _typical(table: NDArray[np.float32]) -> dict[str, tuple[float, float]]:
    """Where all but one in 500 of the training objects lie, by feature: the outliers of a catalogue are its errors."""
    low, high = np.percentile(table.astype(np.float64), (0.1, 99.9), axis=0)
    return dict(zip(FEATURES, zip(low.tolist(), high.tolist(), strict=True), strict=True))


def _compare(artefact: Artefact, trained: Trained, table: NDArray[np.float32]) -> None:
    classifier = Classifier(artefact)
    for variant, model in trained.models.items():
        expected, (found, novelty) = model.probabilities(table), classifier.answers(table, variant)
        differing = int((expected.argmax(axis=1) != found.argmax(axis=1)).sum())
        if novelty is None or not np.allclose(novelty, model.density.novelty(table), atol=1e-3):
            raise ExportError(f"ONNX Runtime gives another novelty than NumPy for {variant} rows")
        if differing:
            raise ExportError(f"ONNX Runtime gives another class than scikit-learn for {differing} {variant} rows")
