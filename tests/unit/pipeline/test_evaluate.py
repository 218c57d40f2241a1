"""Figures of merit, on cases that one can work out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from stellar_pipeline.model.evaluate import calibration_error, evaluate, over_folds

LABELS = np.array([0, 0, 1, 1, 2, 2])
SURE = np.eye(3)[[0, 0, 1, 2, 2, 2]]


def test_figures_of_one_mistaken_quasar() -> None:
    metrics = evaluate(LABELS, SURE * 0.94 + 0.02)
    assert metrics.confusion_matrix == ((2, 0, 0), (0, 1, 1), (0, 0, 2))
    assert metrics.accuracy == pytest.approx(5 / 6)
    assert metrics.per_class["QSO"].recall == pytest.approx(0.5)
    assert metrics.per_class["STAR"].precision == pytest.approx(2 / 3)
    assert metrics.macro_f1 == pytest.approx((1 + 2 / 3 + 4 / 5) / 3)
    assert metrics.log_loss == pytest.approx(-(5 * np.log(0.96) + np.log(0.02)) / 6)
    assert [each.support for each in metrics.per_class.values()] == [2, 2, 2]


def test_a_class_that_is_not_there_has_figures_all_the_same() -> None:
    metrics = evaluate(np.array([0, 1]), np.eye(3)[[0, 1]])
    assert metrics.per_class["STAR"].f1 == 0
    assert len(metrics.confusion_matrix) == 3


def test_calibration_error_is_the_gap_between_confidence_and_success() -> None:
    labels = np.zeros(100, dtype=np.intp)
    labels[:30] = 1
    confident = np.tile([0.9, 0.05, 0.05], (100, 1))
    assert calibration_error(labels, confident) == pytest.approx(0.2)
    assert calibration_error(labels, np.tile([0.7, 0.2, 0.1], (100, 1))) == pytest.approx(0)


def test_certainty_that_is_right_is_no_error() -> None:
    assert calibration_error(np.array([0, 1, 2]), np.eye(3)) == 0


def test_the_spread_between_folds_is_told() -> None:
    folds = [(np.array([3, 4, 5]), np.array([0, 1, 2])), (np.array([0, 1, 2]), np.array([3, 4, 5]))]
    figures = over_folds(LABELS, SURE * 0.94 + 0.02, folds)
    assert figures["folds"] == 2
    assert figures["macro_f1_deviation"] > 0
    assert figures["accuracy"] == pytest.approx(5 / 6)
