"""Figures by magnitude, redshift and sureness."""

from __future__ import annotations

import numpy as np
import pytest

from stellar_pipeline.model.breakdown import breakdown

TABLE = np.zeros((6, 10), dtype=np.float32)
TABLE[:, 2] = 15, 16, 19.5, 19.5, 23, 23
TABLE[:, 9] = 0.2, 0.2, 0.2, 0, 4, 4
LABELS = np.array([0, 0, 1, 2, 1, 1], dtype=np.intp)
PROBABILITIES = np.array(
    [[0.9, 0.1, 0], [0.8, 0.1, 0.1], [0.6, 0.4, 0], [0.2, 0.1, 0.7], [0.05, 0.95, 0], [0.3, 0.65, 0.05]]
)
FOUND = breakdown(TABLE, LABELS, PROBABILITIES)


def test_bins_are_those_that_hold_objects_and_all_objects_are_in_them() -> None:
    assert [(each.low, each.high, each.rows) for each in FOUND.by_magnitude] == [
        (None, 17, 2),
        (19, 20, 2),
        (22, None, 2),
    ]
    assert [(each.low, each.high, each.rows) for each in FOUND.by_redshift] == [
        (-0.001, 0.001, 1),
        (0.1, 0.3, 3),
        (3.5, None, 2),
    ]


def test_a_bin_has_the_figures_of_its_objects() -> None:
    (near,) = (each for each in FOUND.by_redshift if each.low == 0.1)
    assert near.support == {"GALAXY": 2, "QSO": 1, "STAR": 0}
    assert near.recall == {"GALAXY": 1, "QSO": 0, "STAR": None}
    assert near.precision == {"GALAXY": pytest.approx(2 / 3), "QSO": None, "STAR": None}
    assert (near.accuracy, near.confidence) == (pytest.approx(2 / 3), pytest.approx((0.9 + 0.8 + 0.6) / 3))


def test_the_surest_half_is_right_and_all_are_less_so() -> None:
    shares = {point.coverage: point for point in FOUND.risk_coverage}
    assert (shares[0.5].accuracy, shares[0.5].threshold) == (1, 0.8)
    assert (shares[1.0].accuracy, shares[1.0].threshold) == (pytest.approx(5 / 6), 0.6)


def test_quasars_are_purer_and_fewer_with_a_higher_threshold() -> None:
    at = {point.threshold: (point.purity, point.completeness) for point in FOUND.quasars}
    assert at[0.4] == (1, 1)
    assert at[0.6] == (1, pytest.approx(2 / 3))
    assert at[0.99] == (None, 0)


def test_every_probability_is_in_one_bin_of_reliability() -> None:
    assert sum(each.count for each in FOUND.reliability) == PROBABILITIES.size
    assert all(0 <= each.frequency <= 1 for each in FOUND.reliability)
