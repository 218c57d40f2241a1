"""What the service says of itself: the model, its health, and the other protocols."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

import strawberry
from model import model

from stellar.manifest import MODEL_FILE, Manifest


@strawberry.type(description="Figures of one class on rows that the model was not trained on.")
class ClassMetrics:
    label: str
    precision: float
    recall: float
    f1: float
    support: int


@strawberry.type(description="How good a variant of the model is on rows that it was not trained on.")
class VariantMetrics:
    variant: str
    macro_f1: float
    accuracy: float
    log_loss: float
    calibration_error: float
    per_class: list[ClassMetrics]
    confusion_matrix: list[list[int]] = strawberry.field(description="True classes as rows, predicted as columns.")


@strawberry.type(description="The model in use.")
class Model:
    version: str
    created: datetime
    algorithm: str
    classes: list[str]
    features: list[str]
    sha256: str = strawberry.field(description="Of the model file.")
    training_rows: int
    training_data: str = strawberry.field(description="Where the rows came from.")
    training_data_fingerprint: str = strawberry.field(description="SHA-256 of the cleaned rows.")
    metrics: list[VariantMetrics]


@strawberry.type(description="Whether a model answers, and which.")
class Health:
    status: str = strawberry.field(
        description="ok; degraded where the champion could not be used; unavailable where no model answers."
    )
    model_version: str | None = None
    source: str | None = strawberry.field(description="s3, disk or default.", default=None)
    loaded_at: datetime | None = None
    checked_at: datetime | None = strawberry.field(description="When S3 was last asked.", default=None)
    last_error: str | None = None


def describe_model() -> Model:
    """The manifest of the model in use. Raises NoModelError."""
    manifest = model.classifier().manifest
    return Model(
        version=manifest.version,
        created=manifest.created,
        algorithm=manifest.training.algorithm,
        classes=list(manifest.classes),
        features=list(manifest.features),
        sha256=manifest.files[MODEL_FILE].sha256,
        training_rows=manifest.data.rows,
        training_data=manifest.data.source,
        training_data_fingerprint=manifest.data.fingerprint,
        metrics=_metrics(manifest),
    )


def describe_health() -> Health:
    """The state of the model store."""
    return Health(**asdict(model.health()))


def _metrics(manifest: Manifest) -> list[VariantMetrics]:
    return [
        VariantMetrics(
            variant=variant,
            macro_f1=metrics.macro_f1,
            accuracy=metrics.accuracy,
            log_loss=metrics.log_loss,
            calibration_error=metrics.calibration_error,
            per_class=[
                ClassMetrics(
                    label=label,
                    precision=figures.precision,
                    recall=figures.recall,
                    f1=figures.f1,
                    support=figures.support,
                )
                for label, figures in metrics.per_class.items()
            ],
            confusion_matrix=[list(row) for row in metrics.confusion_matrix],
        )
        for variant, metrics in manifest.metrics.items()
    ]
