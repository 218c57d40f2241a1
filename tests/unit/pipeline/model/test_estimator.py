"""The model as one scikit-learn classifier."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from stellar.manifest import FEATURES
from stellar.schema import CLASSES
from stellar_pipeline.model.estimator import StarClassifier
from stellar_pipeline.model.features import model_input
from support.catalogues import synthetic
from support.trained import quick_model


def test_each_row_is_answered_by_the_variant_that_serving_would_take() -> None:
    table = model_input(synthetic(500, seed=8).rows)
    table[::2, -1] = np.nan
    models = quick_model().models
    found = StarClassifier(models).predict_proba(pd.DataFrame(table, columns=list(FEATURES)))
    np.testing.assert_array_equal(found[1::2], models["spectroscopic"].probabilities(table[1::2]))
    photometry = np.nan_to_num(table[::2])
    np.testing.assert_array_equal(found[::2], models["photometric"].probabilities(photometry))


def test_it_names_classes_and_knows_columns_by_their_names() -> None:
    cleaned = synthetic(500, seed=8)
    frame = pd.DataFrame(model_input(cleaned.rows), columns=list(FEATURES))
    classifier = StarClassifier(quick_model().models)
    answers = classifier.predict(frame[list(FEATURES[::-1])])
    assert set(answers) <= set(CLASSES)
    assert classifier.score(frame, cleaned.rows["class"]) > 0.9


def test_without_models_it_says_so() -> None:
    with pytest.raises(ValueError, match="made of trained models"):
        StarClassifier().predict(np.zeros((1, len(FEATURES))))
