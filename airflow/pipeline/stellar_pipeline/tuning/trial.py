"""One trial: a family with some settings, cross-validated on the train part. After each fold it may be given up."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from stellar.manifest import Metrics
from stellar.schema import CLASSES, Variant
from stellar_pipeline.data.catalogue import Cleaned
from stellar_pipeline.data.split import stratified_folds
from stellar_pipeline.model.calibrate import fit_calibration
from stellar_pipeline.model.evaluate import evaluate
from stellar_pipeline.model.features import INPUTS, VARIANTS, model_input
from stellar_pipeline.model.members import Settings
from stellar_pipeline.reports.plots import permutation_losses
from stellar_pipeline.tuning.families import Curves, Family, Fitted


@dataclass(frozen=True, slots=True)
class Rows:
    """What trials learn from: model input of shape (n, 10), and classes."""

    table: NDArray[np.float32]
    labels: NDArray[np.intp]

    @classmethod
    def of(cls, cleaned: Cleaned, most: int, seed: int) -> Rows:
        """All rows, or a sample of at most ``most``."""
        table, labels = model_input(cleaned.rows), cleaned.labels
        if len(labels) > most:
            chosen = np.sort(np.random.default_rng(seed).choice(len(labels), most, replace=False))
            table, labels = table[chosen], labels[chosen]
        return cls(table, labels)


@dataclass(slots=True)
class Found:
    """What the folds so far gave, by variant: figures and probabilities of rows that the models did not see."""

    labels: dict[Variant, list[NDArray[np.intp]]] = field(default_factory=lambda: {name: [] for name in VARIANTS})
    probabilities: dict[Variant, list[NDArray[np.float64]]] = field(
        default_factory=lambda: {name: [] for name in VARIANTS}
    )
    curves: dict[Variant, Curves] = field(default_factory=dict)
    importance: dict[Variant, dict[str, float]] = field(default_factory=dict)

    def unseen(self, variant: Variant) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
        """Classes and probabilities of all rows held back so far."""
        return np.concatenate(self.labels[variant]), np.concatenate(self.probabilities[variant])

    def metrics(self) -> dict[Variant, Metrics]:
        return {variant: evaluate(*self.unseen(variant)) for variant in VARIANTS}

    @property
    def loss(self) -> float:
        """What is made small: the log-loss, averaged over both variants."""
        return float(np.mean([each.log_loss for each in self.metrics().values()]))


def cross_validate(family: Family, settings: Settings, rows: Rows, folds: int, seed: int) -> Iterator[Found]:
    """Fit and judge both variants fold by fold; yields what was found after each fold, the same object every time."""
    found = Found()
    for rest, held_back in stratified_folds(rows.labels, seed, folds):
        with threadpool_limits(limits=1):
            for variant in VARIANTS:
                fitted = family.fit(rows.table[rest], rows.labels[rest], variant, settings, seed)
                _judge(found, fitted, variant, rows.table[held_back], rows.labels[held_back], seed)
        yield found


def _judge(
    found: Found,
    fitted: Fitted,
    variant: Variant,
    table: NDArray[np.float32],
    labels: NDArray[np.intp],
    seed: int,
) -> None:
    """Calibrate as the blend would, with four numbers fitted to the very rows: too few to flatter anybody."""
    nothing = np.zeros((len(table), len(CLASSES)))
    calibration = fit_calibration(fitted.logits(table), nothing, labels)

    def answer(some: NDArray[np.float32]) -> NDArray[np.float64]:
        return calibration.probabilities(fitted.logits(some), np.zeros((len(some), len(CLASSES))))

    found.labels[variant].append(labels)
    found.probabilities[variant].append(answer(table))
    if variant not in found.curves:  # of the first fold: one is enough to look at
        found.curves[variant] = fitted.curves(table, labels)
        found.importance[variant] = permutation_losses(answer, table, labels, INPUTS[variant], seed)
