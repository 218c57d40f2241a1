"""The population stability index."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stellar.manifest import FEATURES
from stellar_pipeline.etl.population import Reference, histogram, stability_index
from stellar_pipeline.model.features import model_input
from support.catalogues import synthetic

SHARES = st.lists(st.floats(0.0, 1.0), min_size=3, max_size=3)


def _reference(seed: int = 3) -> Reference:
    rows = synthetic(4000, seed)
    return Reference.of(model_input(rows.rows), rows.labels)


def test_the_index_of_a_known_change() -> None:
    expected = (0.4 - 0.5) * math.log(0.4 / 0.5) + (0.6 - 0.5) * math.log(0.6 / 0.5)
    assert stability_index([0.5, 0.5], [0.4, 0.6]) == pytest.approx(expected)


@given(SHARES, SHARES)
def test_the_index_is_never_negative_and_the_same_both_ways(before: list[float], after: list[float]) -> None:
    assert stability_index(before, after) >= 0
    assert stability_index(before, after) == pytest.approx(stability_index(after, before))
    assert stability_index(before, before) == 0


def test_an_emptied_bin_counts_much_but_not_without_end() -> None:
    assert 1 < stability_index([0.5, 0.5], [1.0, 0.0]) < 10


def test_reference_bins_hold_a_tenth_each() -> None:
    for shares in _reference().shares.values():
        assert shares == pytest.approx([0.1] * 10, abs=0.005)


def test_rows_from_the_same_population_are_stable() -> None:
    other = model_input(synthetic(4000, seed=4).rows)
    assert max(_reference().psi(other).values()) < 0.05


def test_a_shifted_feature_shows_in_its_own_index_alone() -> None:
    table = model_input(synthetic(4000, seed=4).rows)
    table[:, FEATURES.index("r")] += 3
    psi = _reference().psi(table)
    assert psi["r"] > 0.5
    assert psi["u"] < 0.05


def test_rows_without_a_redshift_are_left_out_of_its_index() -> None:
    table = model_input(synthetic(4000, seed=4).rows)
    table[::2, FEATURES.index("redshift")] = np.nan
    assert _reference().psi(table)["redshift"] < 0.05
    table[:, FEATURES.index("redshift")] = np.nan
    assert "redshift" not in _reference().psi(table)


def test_a_constant_feature_has_a_reference_too() -> None:
    rows = synthetic(300)
    table = model_input(rows.rows)
    table[:, 0] = 20
    assert Reference.of(table, rows.labels).psi(table)["u"] == 0


def test_values_beyond_the_reference_fall_into_the_outer_bins() -> None:
    assert histogram(np.array([-99.0, 0.5, 99.0, 100.0]), [0.0, 1.0]).tolist() == [0.25, 0.25, 0.5]


def test_a_reference_survives_json() -> None:
    reference = _reference()
    assert Reference.from_json(json.loads(json.dumps(reference.to_json()))) == reference
