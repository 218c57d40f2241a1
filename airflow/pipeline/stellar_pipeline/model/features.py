"""What the model sees: the layer's own ten input columns, and what each variant derives from them.

The derived columns are plain float32 arithmetic, so that the exported graph can repeat it step by step.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stellar.classifier import features as layer_features
from stellar.manifest import FEATURES
from stellar.schema import MAGNITUDES, Variant
from stellar.validation import Batch

VARIANTS: tuple[Variant, ...] = ("spectroscopic", "photometric")

PHOTOMETRIC = FEATURES[:-1]
"""ugriz and the adjacent colours: all that there is of an object that has no spectrum."""

INPUTS: dict[Variant, tuple[str, ...]] = {"spectroscopic": FEATURES, "photometric": PHOTOMETRIC}
"""Which of the model's input columns a variant looks at."""

NEAREST_REDSHIFT = np.float32(0.002)
"""Floor of the redshift in ``luminosity``: about 9 Mpc. Below it peculiar velocities drown the expansion, and a star's
redshift, which is no distance at all, would have no logarithm."""

DEX = np.float32(5 / np.log(10))
"""Magnitudes for a factor e in distance (distance modulus, 5 log10 d)."""

STELLAR_REDSHIFT = np.float32(1000)
"""Inverse of the scale on which the redshifts of stars spread: 0.001 is 300 km/s."""

_R, _REDSHIFT = FEATURES.index("r"), FEATURES.index("redshift")


_PHOTOMETRIC_PLACES = [_R, *range(len(MAGNITUDES), _REDSHIFT)]
DENSITY_PLACES: dict[Variant, list[int]] = {
    "spectroscopic": [*_PHOTOMETRIC_PLACES, -1],
    "photometric": _PHOTOMETRIC_PLACES,
}
"""Places of the columns of ``for_density`` among those of ``for_nets``."""


def model_input(frame: pd.DataFrame) -> NDArray[np.float32]:
    """The model's input of shape (n, 10) for catalogue rows, by the very function that serving uses."""
    magnitudes = frame[list(MAGNITUDES)].to_numpy(dtype=np.float64)
    redshift = frame["redshift"].to_numpy(dtype=np.float64)
    return layer_features(Batch(np.arange(len(frame)), magnitudes, redshift, {}))


def luminosity(table: NDArray[np.float32]) -> NDArray[np.float32]:
    """r − 5 log10(redshift): the absolute r magnitude but for a constant, to first order in the redshift [mag].

    It tells a quasar from a galaxy at the same redshift.
    """
    distance = np.log(np.maximum(table[:, _REDSHIFT], NEAREST_REDSHIFT))
    return np.asarray(table[:, _R] - DEX * distance, dtype=np.float32)


def for_trees(table: NDArray[np.float32], variant: Variant) -> NDArray[np.float32]:
    """The columns that a variant's trees split on: (n, 9) without, (n, 12) with a redshift.

    The sign of the redshift is one of them because of its zero: the catalogue has objects whose redshift is 0 to the
    last digit, and they are galaxies, though zero lies in the midst of the redshifts of stars. A star whose redshift
    was rounded to 0 is taken for one of them, so such a redshift has a warning.
    """
    if variant == "photometric":
        return table[:, :_REDSHIFT]
    return np.column_stack([table, luminosity(table), np.sign(table[:, _REDSHIFT])])


def for_nets(table: NDArray[np.float32], variant: Variant) -> NDArray[np.float32]:
    """The columns that a variant's networks see: (n, 9) or (n, 13).

    They are those of the trees and, with a redshift, it again on a scale on which that of a star is not 0.
    """
    columns = for_trees(table, variant)
    return columns if variant == "photometric" else np.column_stack([columns, _stellar(table)])


def for_density(table: NDArray[np.float32], variant: Variant) -> NDArray[np.float32]:
    """The columns in which objects are dense or sparse: r, the adjacent colours and, with a redshift, its asinh."""
    return for_nets(table, variant)[:, DENSITY_PLACES[variant]]


def _stellar(table: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(np.arcsinh(table[:, _REDSHIFT] * STELLAR_REDSHIFT), dtype=np.float32)
