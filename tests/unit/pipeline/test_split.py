"""Held-back rows and folds."""

from __future__ import annotations

import numpy as np

from stellar_pipeline.data.split import holdout, plate_folds, stratified_folds
from support.catalogues import synthetic

LABELS = synthetic(2000).labels
PLATES = synthetic(2000).plates // 50


def _shares(labels: np.ndarray) -> np.ndarray:
    return np.bincount(labels, minlength=3) / len(labels)


def test_thirty_percent_are_held_back_with_the_classes_in_proportion() -> None:
    training, held_back = holdout(LABELS, seed=1)
    assert len(held_back) == round(0.3 * len(LABELS))
    assert sorted([*training, *held_back]) == list(range(len(LABELS)))
    np.testing.assert_allclose(_shares(LABELS[training]), _shares(LABELS[held_back]), atol=0.002)


def test_the_seed_decides_the_split() -> None:
    np.testing.assert_array_equal(holdout(LABELS, 1)[1], holdout(LABELS, 1)[1])
    assert not np.array_equal(holdout(LABELS, 1)[1], holdout(LABELS, 2)[1])


def test_no_plate_is_on_both_sides_of_a_fold() -> None:
    folds = plate_folds(LABELS, PLATES, seed=1, folds=5)
    for training, held_back in folds:
        assert not set(PLATES[training]) & set(PLATES[held_back])
    assert sorted(np.concatenate([held_back for _, held_back in folds])) == list(range(len(LABELS)))


def test_every_row_is_held_back_in_one_fold() -> None:
    folds = stratified_folds(LABELS, seed=1, folds=4)
    assert sorted(np.concatenate([held_back for _, held_back in folds])) == list(range(len(LABELS)))
