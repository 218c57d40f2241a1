"""Training both variants."""

from __future__ import annotations

import numpy as np
import pytest

from stellar_pipeline.data.catalogue import clean
from stellar_pipeline.model.features import VARIANTS, model_input
from stellar_pipeline.model.members import QUICK, Settings
from stellar_pipeline.model.training import TooFewRowsError, fits, train
from support.catalogues import synthetic, synthetic_frame
from support.trained import ROWS, quick_model


def test_metrics_are_of_every_row_by_a_model_that_did_not_see_it() -> None:
    trained = quick_model()
    rows = len(synthetic(ROWS).rows)
    for variant in VARIANTS:
        metrics = trained.metrics[variant]
        assert sum(map(sum, metrics.confusion_matrix)) == rows
        assert metrics.grouped_cv["folds"] == QUICK.folds
    assert trained.metrics["spectroscopic"].macro_f1 > 0.9
    assert trained.metrics["photometric"].macro_f1 > 0.7


def test_probabilities_sum_to_one() -> None:
    table = model_input(synthetic(500, seed=8).rows)
    for model in quick_model().models.values():
        probabilities = model.probabilities(table)
        assert probabilities.shape == (len(table), 3)
        np.testing.assert_allclose(probabilities.sum(axis=1), 1)


def test_progress_is_told_after_each_fit() -> None:
    settings, told = Settings(boosting_rounds=2, nets=1, hidden=4, epochs=1, folds=2), []
    train(synthetic(400), settings, 1, told.append)
    assert len(told) == fits(settings)
    assert [each for each in told if each.startswith("spectroscopic")] == [
        "spectroscopic: fold 1 of 2",
        "spectroscopic: fold 2 of 2",
        "spectroscopic: 400 rows",
    ]


def test_a_catalogue_that_is_too_small_is_refused_with_the_numbers() -> None:
    frame = synthetic_frame(300)
    few = frame.drop(index=frame.index[frame["class"] == "QSO"][5:])
    with pytest.raises(TooFewRowsError, match=r"only 5 of QSO after cleaning; training needs 20"):
        train(clean(few), QUICK, 1)


@pytest.mark.parametrize(("rows", "epochs"), [(800, 60), (25_000, 60), (50_000, 30), (1_000_000, 12)])
def test_more_rows_get_fewer_passes(rows: int, epochs: int) -> None:
    assert Settings().epochs_for(rows) == epochs
