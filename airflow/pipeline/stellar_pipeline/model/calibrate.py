"""Weigh the trees and the networks against each other so that the probabilities mean what they say.

p = softmax(a · trees + b · networks + c), which is temperature scaling (Guo et al. 2017) of a blend, with a bias for
each class. The numbers are fitted by maximum likelihood to logits of rows that the members did not see. The bias
answers to the true class frequencies, not to macro-F1: a threshold moved for a score would make the probabilities
wrong.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import log_softmax, softmax

from stellar.schema import CLASSES
from stellar_pipeline.data.split import Fold
from stellar_pipeline.model.members import Logits


@dataclass(frozen=True, slots=True)
class Calibration:
    """Weights of the two members, and a bias for each class; the last bias is 0, as only differences matter."""

    trees: float
    nets: float
    bias: tuple[float, ...]

    def probabilities(self, trees: Logits, nets: Logits) -> NDArray[np.float64]:
        """Calibrated class probabilities of shape (n, 3)."""
        return np.asarray(softmax(self.trees * trees + self.nets * nets + np.array(self.bias), axis=1))


def fit_calibration(trees: Logits, nets: Logits, labels: NDArray[np.intp]) -> Calibration:
    """The calibration under which these rows' true classes are the most likely: a convex problem in four numbers."""
    rows = np.arange(len(labels))
    wanted = np.eye(len(CLASSES))[labels]

    def loss(numbers: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        scores = numbers[0] * trees + numbers[1] * nets + np.append(numbers[2:], 0.0)
        log_p = log_softmax(scores, axis=1)
        error = (np.exp(log_p) - wanted) / len(labels)
        gradient = [(error * trees).sum(), (error * nets).sum(), *error.sum(axis=0)[:-1]]
        return -float(log_p[rows, labels].mean()), np.array(gradient)

    start = np.array([0.5, 0.5, 0.0, 0.0])
    found = minimize(
        loss, start, jac=True, method="L-BFGS-B", bounds=[(0, None), (0, None), (None, None), (None, None)]
    )
    weight_trees, weight_nets, *bias = (float(number) for number in found.x)
    return Calibration(weight_trees, weight_nets, (*bias, 0.0))


def cross_fitted(trees: Logits, nets: Logits, labels: NDArray[np.intp], folds: Sequence[Fold]) -> NDArray[np.float64]:
    """Probabilities for cross-validated logits, each fold's calibrated by the other folds' rows alone."""
    probabilities = np.empty((len(labels), len(CLASSES)))
    for _, held_back in folds:
        others = np.setdiff1d(np.arange(len(labels)), held_back)
        calibration = fit_calibration(trees[others], nets[others], labels[others])
        probabilities[held_back] = calibration.probabilities(trees[held_back], nets[held_back])
    return probabilities
