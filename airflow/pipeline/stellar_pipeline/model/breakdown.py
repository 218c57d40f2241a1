"""Where a model is good and where it is not: figures by magnitude and redshift, and by how sure an answer is."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from stellar.manifest import FEATURES, BinMetrics, Breakdown, CoveragePoint, ReliabilityBin, ThresholdPoint
from stellar.schema import CLASSES

MAGNITUDE_EDGES = (-np.inf, 17.0, 18.0, 19.0, 20.0, 21.0, 22.0, np.inf)
"""In r [mag]."""

REDSHIFT_EDGES = (-np.inf, -0.001, 0.001, 0.1, 0.3, 0.6, 1.0, 2.0, 3.5, np.inf)
"""Of the spectrum, whichever variant answers: the edges of what is a star, and of what is known to be hard."""

COVERAGES = (0.5, 0.7, 0.8, 0.9, 0.95, 0.99, 1.0)
THRESHOLDS = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99)
_RELIABILITY_BINS = 10
_QSO = CLASSES.index("QSO")


def breakdown(table: NDArray[np.float32], labels: NDArray[np.intp], probabilities: NDArray[np.floating]) -> Breakdown:
    """All of it, for rows of model input that the model did not see, their true classes and its probabilities."""
    return Breakdown(
        by_magnitude=_by(table[:, FEATURES.index("r")], MAGNITUDE_EDGES, labels, probabilities),
        by_redshift=_by(table[:, FEATURES.index("redshift")], REDSHIFT_EDGES, labels, probabilities),
        reliability=_reliability(labels, probabilities),
        risk_coverage=_risk_coverage(labels, probabilities),
        quasars=_quasars(labels, probabilities),
    )


def _by(
    values: NDArray[np.float32],
    edges: tuple[float, ...],
    labels: NDArray[np.intp],
    probabilities: NDArray[np.floating],
) -> tuple[BinMetrics, ...]:
    places = np.digitize(values, edges[1:-1])
    answers = probabilities.argmax(axis=1)
    found = []
    for place in range(len(edges) - 1):
        inside = places == place
        if not inside.any():
            continue
        true, told = labels[inside], answers[inside]
        right = true == told
        low, high = edges[place], edges[place + 1]
        found.append(
            BinMetrics(
                low=None if np.isinf(low) else low,
                high=None if np.isinf(high) else high,
                rows=int(inside.sum()),
                accuracy=float(right.mean()),
                confidence=float(probabilities[inside].max(axis=1).mean()),
                support={name: int((true == code).sum()) for code, name in enumerate(CLASSES)},
                recall={name: _share(right, true == code) for code, name in enumerate(CLASSES)},
                precision={name: _share(right, told == code) for code, name in enumerate(CLASSES)},
            )
        )
    return tuple(found)


def _share(right: NDArray[np.bool_], among: NDArray[np.bool_]) -> float | None:
    return float(right[among].mean()) if among.any() else None


def _reliability(labels: NDArray[np.intp], probabilities: NDArray[np.floating]) -> tuple[ReliabilityBin, ...]:
    """All three probabilities of each row: how often what is given that probability is so."""
    told, so = probabilities.ravel(), np.eye(len(CLASSES))[labels].ravel()
    places = np.minimum((told * _RELIABILITY_BINS).astype(np.intp), _RELIABILITY_BINS - 1)
    return tuple(
        ReliabilityBin(
            probability=float(told[places == place].mean()),
            frequency=float(so[places == place].mean()),
            count=int((places == place).sum()),
        )
        for place in np.unique(places).tolist()
    )


def _risk_coverage(labels: NDArray[np.intp], probabilities: NDArray[np.floating]) -> tuple[CoveragePoint, ...]:
    confidence = probabilities.max(axis=1)
    order = np.argsort(-confidence, kind="stable")
    right = (probabilities.argmax(axis=1) == labels)[order]
    counts = [max(1, round(share * len(labels))) for share in COVERAGES]
    return tuple(
        CoveragePoint(
            coverage=share, accuracy=float(right[:count].mean()), threshold=float(confidence[order[count - 1]])
        )
        for share, count in zip(COVERAGES, counts, strict=True)
    )


def _quasars(labels: NDArray[np.intp], probabilities: NDArray[np.floating]) -> tuple[ThresholdPoint, ...]:
    """Purity and completeness of the sample of all objects whose probability of being a quasar reaches a threshold."""
    so = labels == _QSO
    chosen = [probabilities[:, _QSO] >= threshold for threshold in THRESHOLDS]
    return tuple(
        ThresholdPoint(
            threshold=threshold, purity=_share(so, each), completeness=float(each[so].mean()) if so.any() else None
        )
        for threshold, each in zip(THRESHOLDS, chosen, strict=True)
    )
