"""Figures of a model: they show the numbers that they were given."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from stellar_pipeline.reports import plots


def test_a_column_that_is_not_looked_at_is_of_no_importance() -> None:
    rng = np.random.default_rng(1)
    labels = rng.integers(0, 3, 600)
    table = np.column_stack([labels, rng.random(600)]).astype(np.float32)

    def predict(rows: NDArray[np.float32]) -> NDArray[np.floating]:
        return np.eye(3)[rows[:, 0].astype(np.intp)]

    losses = plots.permutation_losses(predict, table, labels, ("class", "noise"), seed=2)
    assert losses["noise"] == 0
    assert losses["class"] > 0.5


def test_a_confusion_matrix_shows_counts_and_shares_of_the_row() -> None:
    figure = plots.confusion([[90, 10, 0], [0, 1000, 0], [0, 0, 0]], "title")
    texts = [text.get_text() for text in figure.axes[0].texts]
    assert texts[:2] == ["90\n90.0%", "10\n10.0%"]
    assert texts[4] == "1,000\n100.0%"
    assert texts[8] == "0\n0.0%", "a class without rows"


def test_honest_probabilities_lie_on_the_diagonal() -> None:
    rng = np.random.default_rng(1)
    probabilities = rng.dirichlet([1, 1, 1], 60_000)
    labels = (probabilities.cumsum(axis=1) > rng.random((60_000, 1))).argmax(axis=1)
    _, *lines = plots.calibration(labels, probabilities, "title").axes[0].lines
    assert [line.get_label() for line in lines] == ["GALAXY", "QSO", "STAR"]
    for line in lines:
        np.testing.assert_allclose(line.get_xdata(), line.get_ydata(), atol=0.06)


def test_learning_curves_begin_at_one() -> None:
    (line,) = plots.history({"trees": [0.5, 0.3, 0.2]}, "title", "log-loss", "round").axes[0].lines
    assert list(line.get_xdata()) == [1, 2, 3]
