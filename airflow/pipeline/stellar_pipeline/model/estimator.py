"""Both variants of a trained model as one scikit-learn classifier, for those who load it from the registry."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin

from stellar.manifest import FEATURES
from stellar.schema import CLASSES, Variant
from stellar_pipeline.model.training import Model


class StarClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Predicts GALAXY, QSO or STAR from tables with the columns of ``stellar.manifest.FEATURES``.

    A row whose redshift is NaN is answered by the photometric variant, as in serving. It comes fitted: ``fit`` is only
    there because scikit-learn asks for it.
    """

    def __init__(self, models: dict[Variant, Model] | None = None) -> None:
        self.models = models
        self.classes_ = np.array(CLASSES)

    def fit(self, table: Any, labels: Any = None) -> Self:
        """Nothing is left to fit."""
        return self

    def predict_proba(self, table: pd.DataFrame | NDArray[Any]) -> NDArray[np.float64]:
        """Probabilities of shape (n, 3), for rows of shape (n, 10)."""
        if self.models is None:
            raise ValueError("a StarClassifier is made of trained models")
        columns = table[list(FEATURES)] if isinstance(table, pd.DataFrame) else table
        values = np.array(columns, dtype=np.float32)
        photometric = np.isnan(values[:, -1])
        found = np.empty((len(values), len(CLASSES)))
        parts: tuple[tuple[Variant, NDArray[np.bool_]], ...] = (
            ("spectroscopic", ~photometric),
            ("photometric", photometric),
        )
        for variant, rows in parts:
            if rows.any():
                found[rows] = self.models[variant].probabilities(np.nan_to_num(values[rows]))
        return found

    def predict(self, table: pd.DataFrame | NDArray[Any]) -> NDArray[Any]:
        """The most probable class of each row, by its name."""
        return np.asarray(self.classes_[self.predict_proba(table).argmax(axis=1)])
