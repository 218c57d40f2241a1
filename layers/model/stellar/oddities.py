"""What is odd about an object that is unlike the training objects, in an astronomer's words."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from stellar.manifest import FEATURES
from stellar.schema import MAGNITUDES

_COLOURS = {f"{blue}_{red}": f"{blue} - {red}" for blue, red in pairwise(MAGNITUDES)}

TOGETHER = "u g r i z, and redshift if given, do not go together as they do in the training objects"


def oddities(row: NDArray[np.float32], typical: Mapping[str, tuple[float, float]]) -> list[str]:
    """Warnings about the colours of one row of model input that lie beyond the training objects' typical ranges.

    Where no colour does, the one warning says that it is the combination. Magnitudes and redshifts beyond their typical
    ranges have warnings of their own, from ``validation``.
    """
    found = []
    for name, value in zip(FEATURES, row.tolist(), strict=True):
        if name not in _COLOURS or name not in typical:
            continue
        low, high = typical[name]
        if not low <= value <= high:
            side = "redder" if value > high else "bluer"
            found.append(
                f"{_COLOURS[name]} = {value:.4g} is {side} than 99.9% of the training objects ({low:.3g} … {high:.3g})"
            )
    return found or [TOGETHER]
