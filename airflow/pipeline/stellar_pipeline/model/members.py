"""The two kinds of model that are blended: shallow boosted trees, and small networks.

Trees find the sharp edges (a star's redshift is 0), networks the smooth boundary between quasars, galaxies and stars
in colour space. Each gives logits; ``calibrate`` weighs them against each other.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier

from stellar.schema import Variant
from stellar_pipeline.model.features import for_nets, for_trees
from stellar_pipeline.model.networks import Networks, fit_networks

Logits = NDArray[np.float64]


class UnknownSettingError(ValueError):
    """There is no setting of that name."""


class SettingValueError(ValueError):
    """A setting's value cannot be used."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Size of the model and length of the training, chosen by cross-validation on the SDSS17 sample."""

    boosting_rounds: int = 12
    leaves: int = 31
    learning_rate: float = 0.25
    leaf_rows: int = 20
    l2: float = 5.0
    columns_share: float = 0.5
    """Share of the columns that a split chooses from."""
    nets: int = 4
    hidden: int = 64
    epochs: int = 60
    """Passes over 25,000 rows or fewer; more rows get fewer passes, see ``epochs_for``."""
    alpha: float = 0.03
    """Weight decay of the networks."""
    step: float = 0.01
    """The photometric networks' highest learning rate; ``learning_rate`` is that of the trees."""
    folds: int = 5

    @classmethod
    def of(cls, parameters: Mapping[str, Any]) -> Settings:
        """The settings with some of them changed. Raises UnknownSettingError, SettingValueError."""
        known = {field.name: type(field.default) for field in fields(cls)}
        unknown = [name for name in parameters if name not in known]
        if unknown:
            raise UnknownSettingError(f"no setting is called {', '.join(unknown)}; there are {', '.join(known)}")
        try:
            return cls(**{name: _positive(known[name], value) for name, value in parameters.items()})
        except (TypeError, ValueError, OverflowError):
            told = ", ".join(f"{name}={value!r}" for name, value in parameters.items())
            raise SettingValueError(f"not all settings are positive numbers of their kind: {told}") from None

    def epochs_for(self, rows: int) -> int:
        """Passes that make up about the same number of steps whatever the rows, but never fewer than 12."""
        return min(self.epochs, max(12, round(self.epochs * 25_000 / rows)))

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


QUICK = Settings(boosting_rounds=8, nets=2, hidden=24, epochs=3, folds=2)
"""A model in seconds, to try the pipeline out: by some points worse than the real one."""


_TRAINING_SHARES: dict[Variant, tuple[float, float]] = {"spectroscopic": (0.5, 2 / 3), "photometric": (1.0, 1.0)}
"""Shares of the networks' rate and epochs that a variant takes."""


@dataclass(frozen=True, slots=True)
class Members:
    """Fitted trees and networks of one variant."""

    variant: Variant
    trees: HistGradientBoostingClassifier
    nets: Networks

    def logits(self, table: NDArray[np.float32]) -> tuple[Logits, Logits]:
        """Logits of the trees, and the mean of the networks' logits, each of shape (n, 3), for rows of model input.

        A constant may be added to all three logits of a row: they mean the same.
        """
        trees = self.trees.decision_function(for_trees(table, self.variant))
        return _centred(trees), _centred(self.nets.logits(for_nets(table, self.variant)))


def fit_members(
    table: NDArray[np.float32], labels: NDArray[np.intp], variant: Variant, settings: Settings, seed: int
) -> Members:
    """Fit trees and networks to rows of model input, shape (n, 10)."""
    trees = fit_trees(table, labels, variant, settings, seed)
    return Members(variant, trees, fit_nets(table, labels, variant, settings, seed))


def fit_trees(
    table: NDArray[np.float32], labels: NDArray[np.intp], variant: Variant, settings: Settings, seed: int
) -> HistGradientBoostingClassifier:
    """Boosted trees alone."""
    return HistGradientBoostingClassifier(
        max_iter=settings.boosting_rounds,
        max_leaf_nodes=settings.leaves,
        learning_rate=settings.learning_rate,
        min_samples_leaf=settings.leaf_rows,
        l2_regularization=settings.l2,
        max_features=settings.columns_share,
        early_stopping=False,
        random_state=seed,
    ).fit(for_trees(table, variant), labels)


def fit_nets(
    table: NDArray[np.float32], labels: NDArray[np.intp], variant: Variant, settings: Settings, seed: int
) -> Networks:
    """Networks alone, each from a start of its own.

    With a redshift the classes hardly overlap, and a network that is trained at full length learns its rows by heart.
    """
    share_of_rate, share_of_epochs = _TRAINING_SHARES[variant]
    return fit_networks(
        for_nets(table, variant),
        labels,
        count=settings.nets,
        hidden=settings.hidden,
        epochs=max(1, round(settings.epochs_for(len(table)) * share_of_epochs)),
        rate=settings.step * share_of_rate,
        decay=settings.alpha,
        seed=seed,
    )


def _positive(kind: type, value: Any) -> Any:
    """The value as its setting's kind, if that loses nothing. Raises TypeError, ValueError, OverflowError."""
    number = kind(value)
    if isinstance(value, bool) or number != value or not 0 < number < math.inf:
        raise ValueError(value)
    return number


def _centred(logits: NDArray[Any]) -> Logits:
    return np.asarray(logits - logits.mean(axis=1, keepdims=True), dtype=np.float64)
