"""Train both variants: metrics by models that did not see the rows, and a model to serve that has seen them all.

Cross-validation serves twice: it gives the logits to calibrate on, and the figures. Each fold's figures are from
members and a calibration that its rows, and their plates, had no part in.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from stellar.manifest import Metrics
from stellar.schema import Variant
from stellar_pipeline.data.catalogue import CatalogueError, Cleaned
from stellar_pipeline.data.split import Fold, plate_folds
from stellar_pipeline.model.breakdown import breakdown
from stellar_pipeline.model.calibrate import Calibration, cross_fitted, fit_calibration
from stellar_pipeline.model.density import Density, fit_density
from stellar_pipeline.model.evaluate import evaluate, over_folds
from stellar_pipeline.model.features import VARIANTS, model_input
from stellar_pipeline.model.members import Logits, Members, Settings, fit_members

Progress = Callable[[str], None]
"""Told what is done each time that members have been fitted, by the threads of both variants."""

LEAST_ROWS = 20
"""Rows that each class must have, so that every fold of every split holds some."""


class TooFewRowsError(CatalogueError):
    """What is left of the catalogue after cleaning is too little to learn from."""


@dataclass(frozen=True, slots=True)
class Model:
    """A fitted variant: its members, how they are blended into probabilities, and what objects it has seen."""

    members: Members
    calibration: Calibration
    density: Density

    def probabilities(self, table: NDArray[np.float32]) -> NDArray[np.float64]:
        """Calibrated class probabilities of shape (n, 3) for model input of shape (n, 10)."""
        return self.calibration.probabilities(*self.members.logits(table))


@dataclass(frozen=True, slots=True)
class Trained:
    """The model to serve, fitted to all rows, and figures from models that did not see the rows they were scored on."""

    models: dict[Variant, Model]
    metrics: dict[Variant, Metrics]
    settings: Settings
    seed: int


def fits(settings: Settings) -> int:
    """How many times ``train`` fits members, and so calls its progress function."""
    return len(VARIANTS) * (settings.folds + 1)


def train(cleaned: Cleaned, settings: Settings, seed: int, progress: Progress = lambda _: None) -> Trained:
    """Train and evaluate both variants.

    Metrics are those of plate-grouped cross-validation. The model to serve is fitted to all rows: it is the same recipe
    with more to learn from. Each variant has a thread, and numerical libraries have no more, which keeps sums, and so
    the model, the same from run to run.

    Raises TooFewRowsError.
    """
    scarce = {name: count for name, count in cleaned.class_counts.items() if count < LEAST_ROWS}
    if scarce:
        found = ", ".join(f"{count} of {name}" for name, count in scarce.items())
        raise TooFewRowsError(f"only {found} after cleaning; training needs {LEAST_ROWS} rows of each class")
    table, labels = model_input(cleaned.rows), cleaned.labels
    folds = plate_folds(labels, cleaned.plates, seed, settings.folds)

    def fit(variant: Variant) -> tuple[Model, Metrics]:
        # OpenMP's number of threads is one of each thread, that of BLAS one of the whole process.
        with threadpool_limits(limits=1, user_api="openmp"):
            model, unseen = _fit(table, labels, variant, folds, settings, seed, progress)
        probabilities = cross_fitted(*unseen, labels, folds)
        grouped = over_folds(labels, probabilities, folds)
        return model, evaluate(labels, probabilities).model_copy(
            update={"grouped_cv": grouped, "breakdown": breakdown(table, labels, probabilities)}
        )

    with threadpool_limits(limits=1), ThreadPoolExecutor(len(VARIANTS)) as variants:
        fitted = dict(zip(VARIANTS, variants.map(fit, VARIANTS), strict=True))
    models = {variant: model for variant, (model, _) in fitted.items()}
    metrics = {variant: figures for variant, (_, figures) in fitted.items()}
    return Trained(models, metrics, settings, seed)


def _fit(
    table: NDArray[np.float32],
    labels: NDArray[np.intp],
    variant: Variant,
    folds: Sequence[Fold],
    settings: Settings,
    seed: int,
    progress: Progress,
) -> tuple[Model, tuple[Logits, Logits]]:
    """A model of these rows, calibrated on logits from cross-validation, and those logits."""
    trees, nets = np.empty((len(table), 3)), np.empty((len(table), 3))
    for number, (rest, held_back) in enumerate(folds, 1):
        members = fit_members(table[rest], labels[rest], variant, settings, seed)
        trees[held_back], nets[held_back] = members.logits(table[held_back])
        progress(f"{variant}: fold {number} of {len(folds)}")
    members = fit_members(table, labels, variant, settings, seed)
    progress(f"{variant}: {len(table):,} rows")
    density = fit_density(table, variant, seed)
    return Model(members, fit_calibration(trees, nets, labels), density), (trees, nets)
