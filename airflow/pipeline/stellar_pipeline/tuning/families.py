"""What can be tuned: the two families of models that the classifier blends, each by itself.

A family's settings are fields of ``model.members.Settings``. The blend weighs the families by likelihood, so each is
judged by the log-loss of its calibrated probabilities.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import log_loss

from stellar.schema import CLASSES, Variant
from stellar_pipeline.model.features import for_nets, for_trees
from stellar_pipeline.model.members import Logits, Settings, fit_nets, fit_trees
from stellar_pipeline.model.networks import Networks

if TYPE_CHECKING:
    from optuna import Trial

FamilyName = Literal["trees", "nets"]

Curves = dict[str, list[float]]
"""Learning curves: log-loss by their names."""


class Family(ABC):
    """One family: what is suggested for it, and how it is fitted."""

    name: FamilyName
    step: str
    """What its learning curves run over."""

    @abstractmethod
    def suggest(self, trial: Trial) -> dict[str, int | float]:
        """Settings to try."""

    @abstractmethod
    def fit(
        self, table: NDArray[np.float32], labels: NDArray[np.intp], variant: Variant, settings: Settings, seed: int
    ) -> Fitted:
        """A model of these rows."""


class Fitted(ABC):
    """A fitted model of one family and variant."""

    @abstractmethod
    def logits(self, table: NDArray[np.float32]) -> Logits:
        """Logits of shape (n, 3) for model input of shape (n, 10)."""

    @abstractmethod
    def curves(self, table: NDArray[np.float32], labels: NDArray[np.intp]) -> Curves:
        """How it learned; the rows are some that it has not seen."""


class Trees(Family):
    """Histogram gradient boosting."""

    name: FamilyName = "trees"
    step = "round"

    def suggest(self, trial: Trial) -> dict[str, int | float]:
        return {
            "boosting_rounds": trial.suggest_int("boosting_rounds", 8, 80, log=True),
            "leaves": trial.suggest_int("leaves", 6, 40, log=True),
            "learning_rate": trial.suggest_float("learning_rate", 0.05, 0.5, log=True),
            "leaf_rows": trial.suggest_int("leaf_rows", 5, 60, log=True),
            "l2": trial.suggest_float("l2", 0.03, 10.0, log=True),
            "columns_share": trial.suggest_float("columns_share", 0.2, 1.0),
        }

    def fit(
        self, table: NDArray[np.float32], labels: NDArray[np.intp], variant: Variant, settings: Settings, seed: int
    ) -> Fitted:
        return _FittedTrees(fit_trees(table, labels, variant, settings, seed), variant)


class Nets(Family):
    """Small networks. How many of them are averaged is no question for tuning: more are better, and slower.

    One alone is what trials look at.
    """

    name: FamilyName = "nets"
    step = "epoch"

    def suggest(self, trial: Trial) -> dict[str, int | float]:
        return {
            "hidden": trial.suggest_int("hidden", 16, 96, step=8),
            "epochs": trial.suggest_int("epochs", 10, 80, log=True),
            "alpha": trial.suggest_float("alpha", 1e-3, 1.0, log=True),
            "step": trial.suggest_float("step", 1e-3, 0.04, log=True),
        }

    def fit(
        self, table: NDArray[np.float32], labels: NDArray[np.intp], variant: Variant, settings: Settings, seed: int
    ) -> Fitted:
        return _FittedNets(fit_nets(table, labels, variant, replace(settings, nets=1), seed), variant)


FAMILIES: dict[FamilyName, Family] = {"trees": Trees(), "nets": Nets()}


class _FittedTrees(Fitted):
    def __init__(self, model: Any, variant: Variant) -> None:
        self._model = model
        self._variant = variant

    def logits(self, table: NDArray[np.float32]) -> Logits:
        return np.asarray(self._model.decision_function(for_trees(table, self._variant)))

    def curves(self, table: NDArray[np.float32], labels: NDArray[np.intp]) -> Curves:
        codes = list(range(len(CLASSES)))
        rounds = self._model.staged_predict_proba(for_trees(table, self._variant))
        return {"rows not seen": [float(log_loss(labels, each, labels=codes)) for each in rounds]}


class _FittedNets(Fitted):
    def __init__(self, nets: Networks, variant: Variant) -> None:
        self._nets = nets
        self._variant = variant

    def logits(self, table: NDArray[np.float32]) -> Logits:
        return self._nets.logits(for_nets(table, self._variant))

    def curves(self, table: NDArray[np.float32], labels: NDArray[np.intp]) -> Curves:
        return {f"network {place}, training": losses for place, losses in enumerate(self._nets.losses.T.tolist(), 1)}
