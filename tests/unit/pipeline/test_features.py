"""What the model sees."""

from __future__ import annotations

import numpy as np
import pytest

from stellar.manifest import FEATURES
from stellar.schema import Variant
from stellar_pipeline.model.features import INPUTS, VARIANTS, for_nets, for_trees, luminosity, model_input
from support.catalogues import synthetic


def test_the_input_is_magnitudes_adjacent_colours_and_redshift() -> None:
    rows = synthetic(300).rows
    table = model_input(rows)
    assert table.shape == (len(rows), 10)
    assert table.dtype == np.float32
    for place, (bluer, redder) in enumerate(("ug", "gr", "ri", "iz")):
        np.testing.assert_array_equal(table[:, 5 + place], (rows[bluer] - rows[redder]).to_numpy(np.float32))
    np.testing.assert_array_equal(table[:, 9], rows["redshift"].to_numpy(np.float32))


@pytest.mark.parametrize("variant", VARIANTS)
def test_only_the_spectroscopic_variant_looks_at_the_redshift(variant: Variant) -> None:
    table = model_input(synthetic(300).rows)
    moved = table.copy()
    moved[:, FEATURES.index("redshift")] += 1
    for derive in (for_trees, for_nets):
        same = np.array_equal(derive(table, variant), derive(moved, variant))
        assert same == ("redshift" not in INPUTS[variant])
        assert derive(table, variant).dtype == np.float32


def test_ten_times_the_redshift_is_five_magnitudes_more_luminous() -> None:
    table = np.full((2, 10), 20, dtype=np.float32)
    table[:, 9] = 0.05, 0.5
    near, far = luminosity(table)
    assert near - far == pytest.approx(5, abs=1e-5)


def test_a_star_has_a_finite_luminosity() -> None:
    table = np.full((3, 10), 20, dtype=np.float32)
    table[:, 9] = -0.004, 0, 0.001
    assert np.isfinite(luminosity(table)).all()
    assert len(set(luminosity(table).tolist())) == 1
