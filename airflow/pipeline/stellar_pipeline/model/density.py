"""How unlike the training objects an object is, whatever its class: a density of colours, magnitude and redshift.

A mixture of Gaussians gives each object a log-density, that of the component that fits it best. ``novelty`` is where
that lies among objects that the mixture was not fitted to: 0.9 says that nine in ten of them are more ordinary. So the
share of ordinary objects beyond a limit is known beforehand, and needs no threshold found by hand.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning
from sklearn.mixture import GaussianMixture

from stellar.schema import Variant
from stellar_pipeline.model.features import for_density

LIMIT = 0.995
"""Novelty beyond which an answer is not to be relied on: one object in 200 of those like the training objects."""

COMPONENTS = 16
_LEAST_ROWS_EACH = 60
_CALIBRATION_SHARE = 0.25
_ITERATIONS = 60
_OUTLIERS = 0.1
"""Percentile below which, and above 100 less which, a value of any column is left out of the fit."""

_RANKS = np.array([0, 0.05, 0.2, 0.35, 0.5, 0.65, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.998, 1])
"""Where the curve from log-density to novelty is exact; it is straight in between."""


@dataclass(frozen=True, slots=True)
class Density:
    """A fitted mixture: log-density = max over components of ``constants`` − ½ |x · ``whitening`` − ``centres``|².

    ``whitening`` has shape (components, columns, columns). ``knots`` are the values of −log-density at ``_RANKS``.
    """

    variant: Variant
    whitening: NDArray[np.float64]
    centres: NDArray[np.float64]
    constants: NDArray[np.float64]
    knots: NDArray[np.float64]

    def surprise(self, table: NDArray[np.float32]) -> NDArray[np.float64]:
        """−log-density of shape (n,), for rows of model input."""
        return _surprise(for_density(table, self.variant), self.whitening, self.centres, self.constants)

    def novelty(self, table: NDArray[np.float32]) -> NDArray[np.float64]:
        """In [0, 1], of shape (n,), for rows of model input."""
        return np.asarray(np.interp(self.surprise(table), self.knots, _RANKS))

    @property
    def slopes(self) -> NDArray[np.float64]:
        """Of the curve from −log-density to novelty, between the knots."""
        return np.asarray(np.diff(_RANKS) / np.diff(self.knots))


def fit_density(table: NDArray[np.float32], variant: Variant, seed: int) -> Density:
    """Fit to three quarters of the rows of model input, and set the scale by the others."""
    columns = for_density(table, variant).astype(np.float64)
    order = np.random.default_rng(seed).permutation(len(columns))
    aside = max(1, round(len(columns) * _CALIBRATION_SHARE))
    fitted, others = columns[order[aside:]], columns[order[:aside]]
    # Rare outliers are errors of the catalogue. Fitted, they would have a wide component of their own, in which nothing
    # is out of place.
    low, high = np.percentile(fitted, (_OUTLIERS, 100 - _OUTLIERS), axis=0)
    fitted = fitted[((fitted >= low) & (fitted <= high)).all(axis=1)]
    scale = fitted.std(axis=0)
    mixture = GaussianMixture(
        max(1, min(COMPONENTS, len(fitted) // _LEAST_ROWS_EACH)),
        reg_covar=1e-4,
        max_iter=_ITERATIONS,
        random_state=seed,
    )
    with warnings.catch_warnings():
        # It is stopped after a set number of iterations: the density need not be the best one, only a fixed one.
        warnings.simplefilter("ignore", ConvergenceWarning)
        mixture.fit(fitted / scale)
    whitening = np.stack([factor / scale[:, None] for factor in mixture.precisions_cholesky_])
    centres = np.einsum("kd,kde->ke", mixture.means_, mixture.precisions_cholesky_)
    determinants = np.log(np.abs(np.diagonal(whitening, axis1=1, axis2=2))).sum(axis=1)
    constants = np.log(mixture.weights_) + determinants - columns.shape[1] / 2 * np.log(2 * np.pi)
    knots = np.quantile(_surprise(others, whitening, centres, constants), _RANKS)
    return Density(variant, whitening, centres, constants, _rising(knots))


def _surprise(
    columns: NDArray[np.floating],
    whitening: NDArray[np.float64],
    centres: NDArray[np.float64],
    constants: NDArray[np.float64],
) -> NDArray[np.float64]:
    white = np.einsum("nd,kde->nke", columns.astype(np.float64), whitening) - centres
    return np.asarray(-(constants - 0.5 * (white * white).sum(axis=2)).max(axis=1))


def _rising(knots: NDArray[np.float64]) -> NDArray[np.float64]:
    """The knots, each above the one before it by at least a trifle: few rows can share values."""
    return np.asarray(np.maximum.accumulate(knots) + 1e-3 * np.arange(len(knots)))
