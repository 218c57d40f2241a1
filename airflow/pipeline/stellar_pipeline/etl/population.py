"""How far recent objects are from those that a model was trained on: the population stability index.

PSI = Σ (observed − expected) · ln(observed / expected) over bins that each hold a tenth of the training rows. By
custom, below 0.1 is no change, 0.1 to 0.2 a small one, above 0.2 one to act on (Siddiqi, "Credit Risk Scorecards").
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from stellar.manifest import FEATURES
from stellar.schema import CLASSES

BINS = 10

_LEAST_SHARE = 1e-4
"""Stands for an empty bin, whose logarithm would be infinite."""


@dataclass(frozen=True, slots=True)
class Reference:
    """The training rows' distributions: inner bin edges and shares of each feature, and the shares of the classes."""

    rows: int
    edges: dict[str, list[float]]
    shares: dict[str, list[float]]
    classes: dict[str, float]

    @classmethod
    def of(cls, table: NDArray[np.float32], labels: NDArray[np.intp]) -> Self:
        """The reference of model input, shape (n, 10) with n > 0, and its classes, shape (n,)."""
        edges: dict[str, list[float]] = {}
        shares: dict[str, list[float]] = {}
        for place, name in enumerate(FEATURES):
            column = table[:, place].astype(np.float64)
            # A value that fills several tenths, such as a constant, is one edge only.
            edges[name] = np.unique(np.quantile(column, np.linspace(0, 1, BINS + 1)[1:-1])).tolist()
            shares[name] = histogram(column, edges[name]).tolist()
        return cls(len(table), edges, shares, class_shares(labels))

    @classmethod
    def from_json(cls, content: dict[str, Any]) -> Self:
        return cls(**content)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    def psi(self, table: NDArray[np.float32]) -> dict[str, float]:
        """The index of each feature for model input, shape (n, 10). Rows without a redshift are left out of its own."""
        found = {}
        for place, name in enumerate(FEATURES):
            column = table[:, place].astype(np.float64)
            column = column[np.isfinite(column)]
            if len(column):
                found[name] = stability_index(self.shares[name], histogram(column, self.edges[name]))
        return found


def histogram(values: NDArray[np.float64], edges: Sequence[float]) -> NDArray[np.float64]:
    """Shares of the values in the bins between the inner edges; the outer bins are open."""
    counts = np.bincount(np.searchsorted(edges, values, side="right"), minlength=len(edges) + 1)
    return np.asarray(counts / max(1, len(values)))


def class_shares(labels: NDArray[np.intp]) -> dict[str, float]:
    """The share of each class, given as places in ``stellar.schema.CLASSES``."""
    counts = np.bincount(labels, minlength=len(CLASSES)) / max(1, len(labels))
    return dict(zip(CLASSES, counts.tolist(), strict=True))


def stability_index(expected: ArrayLike, observed: ArrayLike) -> float:
    """The population stability index of two lists of shares: 0 where they are equal, and never negative."""
    before, after = (np.maximum(np.asarray(each, dtype=np.float64), _LEAST_SHARE) for each in (expected, observed))
    return float(((after - before) * np.log(after / before)).sum())
