"""How unlike the training objects an object is."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from stellar.schema import Variant
from stellar_pipeline.model.density import LIMIT, Density, fit_density
from stellar_pipeline.model.features import VARIANTS, model_input
from support.catalogues import synthetic

UNSEEN = model_input(synthetic(4000, seed=21).rows)


@pytest.fixture(scope="module", params=VARIANTS)
def density(request: pytest.FixtureRequest) -> Density:
    variant: Variant = request.param
    return fit_density(model_input(synthetic(6000, seed=5).rows), variant, seed=1)


def _of(magnitudes: NDArray[np.float32]) -> NDArray[np.float32]:
    colours = magnitudes[:, :-1] - magnitudes[:, 1:]
    return np.column_stack([magnitudes, colours, UNSEEN[:, 9]]).astype(np.float32)


def _flagged(density: Density, magnitudes: NDArray[np.float32]) -> float:
    return float((density.novelty(_of(magnitudes)) > LIMIT).mean())


def test_at_most_one_in_a_hundred_unseen_objects_is_flagged(density: Density) -> None:
    assert 0 < _flagged(density, UNSEEN[:, :5]) <= 0.01


def test_novelty_is_the_share_of_objects_that_are_more_ordinary(density: Density) -> None:
    novelty = density.novelty(UNSEEN)
    for share in (0.2, 0.5, 0.9):
        assert (novelty < share).mean() == pytest.approx(share, abs=0.05)


def test_colours_that_no_object_has_are_flagged(density: Density) -> None:
    ultraviolet = UNSEEN[:, :5].copy()
    ultraviolet[:, 0] = ultraviolet[:, 1] + 20
    assert _flagged(density, ultraviolet) == 1


@pytest.mark.parametrize("magnitude", [-5, 0, 40])
def test_magnitudes_far_from_those_of_the_survey_are_flagged(density: Density, magnitude: float) -> None:
    assert _flagged(density, np.full_like(UNSEEN[:, :5], magnitude)) == 1


def test_fluxes_in_place_of_magnitudes_are_flagged(density: Density) -> None:
    assert _flagged(density, 10 ** (-0.4 * (UNSEEN[:, :5] - 22.5))) > 0.99


def test_most_red_objects_with_their_bands_reversed_are_flagged(density: Density) -> None:
    red = (UNSEEN[:, 5] > 1.2) & (UNSEEN[:, 6] > 1) & (UNSEEN[:, 7] > 0.4)
    reversed_ = _of(UNSEEN[:, 4::-1])[red]
    assert (density.novelty(reversed_) > LIMIT).mean() > 0.5


def test_the_same_rows_and_seed_give_the_same_density() -> None:
    one, other = (fit_density(UNSEEN, "photometric", seed=3) for _ in range(2))
    np.testing.assert_array_equal(one.whitening, other.whitening)
    np.testing.assert_array_equal(one.knots, other.knots)
