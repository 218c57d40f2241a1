"""Which rows are for training and which are held back, the same for the same seed."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold, train_test_split

Indices = NDArray[np.intp]
Fold = tuple[Indices, Indices]
"""Rows to train on, rows held back."""

HELD_BACK = 0.3
"""Share of the rows that is held back for the metrics."""


def holdout(labels: NDArray[np.intp], seed: int) -> Fold:
    """70% of the rows to train on and 30% held back, with the classes in the same proportions in both."""
    training, held_back = train_test_split(
        np.arange(len(labels)), test_size=HELD_BACK, stratify=labels, random_state=seed
    )
    return np.sort(training), np.sort(held_back)


def stratified_folds(labels: NDArray[np.intp], seed: int, folds: int) -> list[Fold]:
    """Cross-validation in which every fold has the classes in the same proportions."""
    splitter = StratifiedKFold(folds, shuffle=True, random_state=seed)
    return list(splitter.split(np.zeros(len(labels)), labels))


def plate_folds(labels: NDArray[np.intp], plates: NDArray[np.int64], seed: int, folds: int) -> list[Fold]:
    """Stratified cross-validation in which no plate has rows in both parts.

    Objects of one plate share the survey that chose them, the night and the calibration; a model that is asked about
    a plate it has seen looks better than it is.
    """
    splitter = StratifiedGroupKFold(folds, shuffle=True, random_state=seed)
    return list(splitter.split(np.zeros(len(labels)), labels, plates))
