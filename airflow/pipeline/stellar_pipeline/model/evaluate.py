"""How good a model is on rows that it has not seen."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import accuracy_score, confusion_matrix, f1_score, log_loss, precision_recall_fscore_support

from stellar.manifest import ClassMetrics, Metrics
from stellar.schema import CLASSES
from stellar_pipeline.data.split import Fold

_CODES = list(range(len(CLASSES)))
_BINS = 15


def calibration_error(labels: NDArray[np.intp], probabilities: NDArray[np.floating]) -> float:
    """Expected calibration error: how far the confidence in an answer is from how often it is right, in [0, 1].

    Fifteen bins of equal width, weighted by their rows (Guo et al. 2017, "On Calibration of Modern Neural Networks").
    """
    confidence = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == labels
    bins = np.minimum((confidence * _BINS).astype(np.intp), _BINS - 1)
    gaps = np.bincount(bins, weights=confidence, minlength=_BINS) - np.bincount(bins, weights=right, minlength=_BINS)
    return float(np.abs(gaps).sum() / len(labels))


def macro_f1(labels: NDArray[np.intp], probabilities: NDArray[np.floating]) -> float:
    """The mean of the three classes' F1, the answer being the most probable class."""
    answers = probabilities.argmax(axis=1)
    return float(f1_score(labels, answers, average="macro", labels=_CODES, zero_division=0))


def evaluate(labels: NDArray[np.intp], probabilities: NDArray[np.floating]) -> Metrics:
    """All figures for rows with these true classes and these probabilities of shape (n, 3)."""
    answers = probabilities.argmax(axis=1)
    columns = precision_recall_fscore_support(labels, answers, labels=_CODES, zero_division=0)
    return Metrics(
        macro_f1=macro_f1(labels, probabilities),
        accuracy=float(accuracy_score(labels, answers)),
        log_loss=float(log_loss(labels, probabilities, labels=_CODES)),
        calibration_error=calibration_error(labels, probabilities),
        per_class={
            name: ClassMetrics(precision=float(precision), recall=float(recall), f1=float(f1), support=int(support))
            for name, precision, recall, f1, support in zip(CLASSES, *columns, strict=True)
        },
        confusion_matrix=tuple(
            tuple(int(count) for count in row) for row in confusion_matrix(labels, answers, labels=_CODES)
        ),
    )


def over_folds(
    labels: NDArray[np.intp], probabilities: NDArray[np.floating], folds: Sequence[Fold]
) -> dict[str, float]:
    """Figures of cross-validation: ``probabilities`` are of each row by the model that did not see its fold.

    ``macro_f1_deviation`` is the standard deviation between folds.
    """
    scores = [macro_f1(labels[held_back], probabilities[held_back]) for _, held_back in folds]
    whole = evaluate(labels, probabilities)
    return {
        "folds": float(len(folds)),
        "macro_f1": whole.macro_f1,
        "macro_f1_deviation": float(np.std(scores)),
        "accuracy": whole.accuracy,
        "log_loss": whole.log_loss,
        "calibration_error": whole.calibration_error,
    }
