"""Networks in NumPy."""

from __future__ import annotations

import numpy as np

from stellar_pipeline.model.networks import Networks, Squeeze, fit_networks

RNG = np.random.default_rng(4)
POINTS = RNG.normal(size=(900, 2)).astype(np.float32)
RINGS = np.digitize(np.hypot(*POINTS.T), (0.8, 1.5)).astype(np.intp)
"""The class is the distance from the centre, which no straight line tells."""


def _fit(seed: int = 1, epochs: int = 60) -> Networks:
    return fit_networks(POINTS, RINGS, count=2, hidden=16, epochs=epochs, rate=0.01, decay=0.01, seed=seed)


def test_they_learn_what_is_not_linear() -> None:
    unseen = RNG.normal(size=(500, 2)).astype(np.float32)
    expected = np.digitize(np.hypot(*unseen.T), (0.8, 1.5))
    assert (_fit().logits(unseen).argmax(axis=1) == expected).mean() > 0.9


def test_losses_are_told_by_epoch_and_network_and_fall() -> None:
    losses = _fit().losses
    assert losses.shape == (60, 2)
    assert (losses[-1] < losses[0] / 2).all()


def test_the_same_seed_gives_the_same_weights_to_the_bit() -> None:
    for one, other in zip(_fit(epochs=3).weights, _fit(epochs=3).weights, strict=True):
        np.testing.assert_array_equal(one, other)
    assert not np.array_equal(_fit(seed=2, epochs=3).weights[0], _fit(epochs=3).weights[0])


def test_fewer_rows_than_a_batch_are_enough() -> None:
    few = fit_networks(POINTS[:40], RINGS[:40], count=1, hidden=4, epochs=2, rate=0.01, decay=0.01, seed=1)
    assert np.isfinite(few.logits(POINTS)).all()


def test_a_column_that_never_changes_does_no_harm() -> None:
    columns = np.column_stack([POINTS, np.full(len(POINTS), 3, dtype=np.float32)])
    assert np.isfinite(Squeeze.fit(columns)(columns)).all()
