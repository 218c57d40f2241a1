"""Blending and calibration."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import softmax

from stellar_pipeline.model.calibrate import Calibration, cross_fitted, fit_calibration
from stellar_pipeline.model.evaluate import calibration_error

ROWS = 30_000


@pytest.fixture(scope="module")
def draws() -> tuple[np.ndarray, np.ndarray]:
    """Logits that tell the truth, and classes drawn by them."""
    rng = np.random.default_rng(5)
    logits = rng.normal(0, 2, (ROWS, 3)) + np.array([1.0, 0.0, -0.5])
    uniform = rng.random((ROWS, 1))
    return logits, (softmax(logits, axis=1).cumsum(axis=1) < uniform).sum(axis=1)


def test_overconfidence_is_undone(draws: tuple[np.ndarray, np.ndarray]) -> None:
    logits, labels = draws
    found = fit_calibration(3 * logits, np.zeros_like(logits), labels)
    assert found.trees == pytest.approx(1 / 3, rel=0.03)
    assert found.bias == pytest.approx((0, 0, 0), abs=0.06)
    assert calibration_error(labels, found.probabilities(3 * logits, np.zeros_like(logits))) < 0.01


def test_a_bias_between_classes_is_undone(draws: tuple[np.ndarray, np.ndarray]) -> None:
    logits, labels = draws
    found = fit_calibration(logits + np.array([0, 0, 2]), np.zeros_like(logits), labels)
    assert found.bias == pytest.approx((2, 2, 0), abs=0.1)


def test_a_member_that_knows_nothing_gets_no_say(draws: tuple[np.ndarray, np.ndarray]) -> None:
    logits, labels = draws
    found = fit_calibration(logits, np.random.default_rng(6).normal(0, 2, (ROWS, 3)), labels)
    assert found.trees == pytest.approx(1, rel=0.05)
    assert found.nets == pytest.approx(0, abs=0.03)


def test_a_constant_on_all_logits_of_a_row_changes_nothing() -> None:
    calibration = Calibration(0.7, 0.3, (0.1, -0.2, 0.0))
    trees, nets = np.random.default_rng(7).normal(0, 3, (2, 50, 3))
    shift = np.arange(50)[:, None]
    np.testing.assert_allclose(
        calibration.probabilities(trees + shift, nets - shift), calibration.probabilities(trees, nets), atol=1e-12
    )


def test_a_fold_is_calibrated_by_the_others_alone(draws: tuple[np.ndarray, np.ndarray]) -> None:
    logits, labels = draws
    half = ROWS // 2
    first, second = np.arange(half), np.arange(half, ROWS)
    wrong = labels.copy()
    wrong[:half] = (wrong[:half] + 1) % 3
    folds = [(second, first), (first, second)]
    blank = np.zeros_like(logits)
    np.testing.assert_array_equal(
        cross_fitted(logits, blank, wrong, folds)[first], cross_fitted(logits, blank, labels, folds)[first]
    )
