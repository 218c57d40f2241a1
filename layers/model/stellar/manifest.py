"""What a model artefact says of itself: ``manifest.json``, which lies beside ``model.onnx``."""

from __future__ import annotations

import hashlib
from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from stellar.schema import CLASSES, Variant

Provenance = Literal["real", "synthetic", "mixed", "unknown"]
"""Whether objects on the sky were observed or made up."""

MODEL_FILE = "model.onnx"
MANIFEST_FILE = "manifest.json"

INPUT_NAME = "features"
FEATURES = ("u", "g", "r", "i", "z", "u_g", "g_r", "r_i", "i_z", "redshift")
"""The model's input, float32 of shape (n, 10): ugriz, the four adjacent colours, redshift."""


def switch(output: str) -> str:
    """The model's optional input, a boolean, that turns the computation of an output off when it is false."""
    return f"{output}_wanted"


def novelty_output(output: str) -> str:
    """The graph output for how unlike the training objects an object is, beside that for its probabilities."""
    return f"{output}_novelty"


def sha256(content: bytes) -> str:
    """The hexadecimal SHA-256 of a file's content."""
    return hashlib.sha256(content).hexdigest()


class _Part(BaseModel):
    # protected_namespaces: the contract's own names begin with "model_".
    model_config = ConfigDict(frozen=True, extra="ignore", protected_namespaces=())


class FileEntry(_Part):
    """One file of the artefact."""

    sha256: str = Field(pattern="^[0-9a-f]{64}$")
    bytes: int = Field(gt=0)


class VariantEntry(_Part):
    """One of the models in the file: the graph output that holds its probabilities, and what it looks at.

    ``novelty`` is the output that says how unlike the training objects an object is, in [0, 1], of shape (n, 1); an
    answer to one beyond ``novelty_limit`` is not reliable. Artefacts made before there was such an output have neither.
    """

    output: str
    features: tuple[str, ...]
    novelty: str | None = None
    novelty_limit: float = Field(default=1.0, ge=0, le=1)


class ClassMetrics(_Part):
    """Figures of one class."""

    precision: float
    recall: float
    f1: float
    support: int


class BinMetrics(_Part):
    """Figures of the objects between two values; ``low`` and ``high`` are None where there is no bound.

    ``confidence`` is the mean probability of the answers: above ``accuracy``, they are surer than they should be.
    Recall and precision are None for a class that is not there, or is never answered.
    """

    low: float | None
    high: float | None
    rows: int
    accuracy: float
    confidence: float
    support: dict[str, int]
    recall: dict[str, float | None]
    precision: dict[str, float | None]


class ReliabilityBin(_Part):
    """How often a class that is given about this probability is the true one."""

    probability: float
    frequency: float
    count: int


class CoveragePoint(_Part):
    """How many answers are right of the surest share, and how probable the least sure of them is."""

    coverage: float
    accuracy: float
    threshold: float


class ThresholdPoint(_Part):
    """Purity and completeness of the quasars whose probability reaches a threshold."""

    threshold: float
    purity: float | None
    completeness: float | None


class Breakdown(_Part):
    """Where the model is good and where it is not. ``by_magnitude`` is by r, ``by_redshift`` by the spectrum's."""

    by_magnitude: tuple[BinMetrics, ...]
    by_redshift: tuple[BinMetrics, ...]
    reliability: tuple[ReliabilityBin, ...]
    risk_coverage: tuple[CoveragePoint, ...]
    quasars: tuple[ThresholdPoint, ...]


class Metrics(_Part):
    """How good a variant is on rows that it was not trained on.

    ``confusion_matrix`` has true classes as rows, predicted ones as columns. ``grouped_cv`` holds the figures of
    cross-validation in which no plate is in both parts.
    """

    macro_f1: float
    accuracy: float
    log_loss: float
    calibration_error: float
    per_class: dict[str, ClassMetrics]
    confusion_matrix: tuple[tuple[int, ...], ...]
    grouped_cv: dict[str, float] = Field(default_factory=dict)
    breakdown: Breakdown | None = None


class TrainingData(_Part):
    """What the model was trained on. ``fingerprint`` is a SHA-256 of the cleaned rows.

    ``provenance`` decides what a model may take the place of: one of synthetic rows never that of one of real rows.
    """

    fingerprint: str
    rows: int
    class_counts: dict[str, int]
    source: str
    provenance: Provenance = "unknown"


class Scaler(_Part):
    """Means and standard deviations of the features over the training rows."""

    means: dict[str, float]
    deviations: dict[str, float]


class Training(_Part):
    """How the model was made."""

    algorithm: str
    parameters: dict[str, object]
    seed: int


class Manifest(_Part):
    """The whole manifest. ``Manifest.model_validate_json`` raises pydantic.ValidationError if it is not one."""

    schema_version: Literal[1] = 1
    version: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")
    created: AwareDatetime
    files: dict[str, FileEntry]
    classes: tuple[str, ...] = CLASSES
    features: tuple[str, ...] = FEATURES
    variants: dict[Variant, VariantEntry]
    metrics: dict[Variant, Metrics]
    data: TrainingData
    scaler: Scaler
    typical: dict[str, tuple[float, float]] = Field(default_factory=dict)
    """By feature, where all but one in 500 training objects lie: the percentiles 0.1 and 99.9."""
    libraries: dict[str, str]
    training: Training
