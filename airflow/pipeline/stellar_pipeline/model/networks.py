"""Small networks that are trained side by side in NumPy, and averaged.

All of them take each step together, as one stacked matrix product. They differ in their first weights and in the order
in which they see the rows. Adam with decoupled weight decay (Loshchilov & Hutter 2019, "Decoupled Weight Decay
Regularization"), a rate that follows a half cosine to zero, and a running average of the weights, which is what is
kept: the average of many steps near the end generalises better than the last of them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Self

import numpy as np
from numpy.typing import NDArray

from stellar.schema import CLASSES

Array = NDArray[np.float32]

_WARM_UP = 0.05
"""Share of the steps in which the rate rises from zero."""

_MEMORY = 0.998
"""Of the running average of the weights: it spans the last 500 steps."""

_MOMENTUM, _SCALE_MEMORY = 0.9, 0.99
_BATCH = 256


@dataclass(frozen=True, slots=True)
class Squeeze:
    """Columns to about unit scale: asinh((x − median) / quartile range), then zero mean and unit deviation.

    The asinh keeps the far tails of a catalogue from ruling a network.
    """

    centre: NDArray[np.float64]
    scale: NDArray[np.float64]
    mean: NDArray[np.float64]
    deviation: NDArray[np.float64]

    @classmethod
    def fit(cls, columns: Array) -> Self:
        exact = columns.astype(np.float64)
        low, centre, high = np.percentile(exact, (25, 50, 75), axis=0)
        scale = np.where(high > low, high - low, 1.0)
        squeezed = np.arcsinh((exact - centre) / scale)
        deviation = squeezed.std(axis=0)
        return cls(centre, scale, squeezed.mean(axis=0), np.where(deviation > 0, deviation, 1.0))

    def __call__(self, columns: Array) -> Array:
        squeezed = np.arcsinh((columns - self.centre) / self.scale)
        return np.asarray((squeezed - self.mean) / self.deviation, dtype=np.float32)


@dataclass(frozen=True, slots=True)
class Networks:
    """Fitted networks. ``weights[layer]`` has shape (networks, from, to), ``biases[layer]`` (networks, 1, to).

    ``losses`` holds the mean log-loss of each epoch on the training rows, of shape (epochs, networks).
    """

    squeeze: Squeeze
    weights: tuple[Array, ...]
    biases: tuple[Array, ...]
    losses: NDArray[np.float64]

    def logits(self, columns: Array) -> NDArray[np.float64]:
        """The mean of the networks' logits, of shape (n, 3)."""
        layer = self.squeeze(columns)[None]
        for weights, biases in zip(self.weights[:-1], self.biases[:-1], strict=True):
            layer = np.maximum(layer @ weights + biases, 0)
        return np.asarray((layer @ self.weights[-1] + self.biases[-1]).mean(axis=0), dtype=np.float64)


def fit_networks(
    columns: Array,
    labels: NDArray[np.intp],
    *,
    count: int,
    hidden: int,
    epochs: int,
    rate: float,
    decay: float,
    seed: int,
) -> Networks:
    """``count`` networks with two hidden layers, for rows of those columns.

    ``rate`` is the highest learning rate, ``decay`` the share of a weight that goes with each step at a rate of 1.
    """
    squeeze = Squeeze.fit(columns)
    rows, wanted = squeeze(columns), np.eye(len(CLASSES), dtype=np.float32)[labels]
    rng = np.random.default_rng(seed)
    training = _Training(rng, count, (rows.shape[1], hidden, hidden, len(CLASSES)))
    batch = min(_BATCH, len(rows))
    steps_each = len(rows) // batch
    losses = np.zeros((epochs, count))
    for epoch in range(epochs):
        order = np.stack([rng.permutation(len(rows)) for _ in range(count)])
        for step in range(steps_each):
            chosen = order[:, step * batch : (step + 1) * batch]
            done = (epoch * steps_each + step + 1) / (epochs * steps_each)
            factor = min(1.0, done / _WARM_UP) * 0.5 * (1 + math.cos(math.pi * done))
            losses[epoch] += training.step(rows[chosen], wanted[chosen], rate * factor, decay) / steps_each
    weights, biases = training.averages
    return Networks(squeeze, weights, biases, losses)


class _Training:
    """Weights on their way, with the moments of Adam and the running average."""

    def __init__(self, rng: np.random.Generator, count: int, sizes: tuple[int, ...]) -> None:
        self._layers = len(sizes) - 1
        weights, biases = [], []
        for layer, (before, after) in enumerate(pairwise(sizes), 1):
            # He et al. 2015; the last layer starts smaller, so that all classes begin about equally likely.
            spread = np.sqrt(2 / before) * (0.3 if layer == self._layers else 1)
            weights.append(np.asarray(rng.standard_normal((count, before, after)) * spread, dtype=np.float32))
            biases.append(np.zeros((count, 1, after), dtype=np.float32))
        self._values = weights + biases
        self._firsts = [np.zeros_like(each) for each in self._values]
        self._seconds = [np.zeros_like(each) for each in self._values]
        self._averages = [each.copy() for each in self._values]
        self._steps = 0

    @property
    def averages(self) -> tuple[tuple[Array, ...], tuple[Array, ...]]:
        """Weights and biases, averaged over the last steps."""
        return tuple(self._averages[: self._layers]), tuple(self._averages[self._layers :])

    def step(self, rows: Array, wanted: Array, rate: float, decay: float) -> NDArray[np.float64]:
        """One step of each network on its own batch, of shape (networks, batch, …); the log-loss of each before it."""
        losses, gradients = self._gradients(rows, wanted)
        self._steps += 1
        first_share, second_share = 1 - _MOMENTUM**self._steps, 1 - _SCALE_MEMORY**self._steps
        memory = min(_MEMORY, (1 + self._steps) / (10 + self._steps))
        parts = zip(self._values, self._firsts, self._seconds, self._averages, gradients, strict=True)
        for place, (value, first, second, average, gradient) in enumerate(parts):
            first += (1 - _MOMENTUM) * (gradient - first)
            second += (1 - _SCALE_MEMORY) * (gradient * gradient - second)
            if place < self._layers:
                value *= 1 - rate * decay
            value -= (rate / first_share) * first / (np.sqrt(second / second_share) + np.float32(1e-8))
            average += (1 - memory) * (value - average)
        return losses

    def _gradients(self, rows: Array, wanted: Array) -> tuple[NDArray[np.float64], list[Array]]:
        weights, biases = self._values[: self._layers], self._values[self._layers :]
        outputs = [rows]
        for weight, bias in zip(weights[:-1], biases[:-1], strict=True):
            outputs.append(np.maximum(outputs[-1] @ weight + bias, 0))
        scores = outputs[-1] @ weights[-1] + biases[-1]
        scores -= scores.max(axis=-1, keepdims=True)
        exponents = np.exp(scores)
        probabilities = exponents / exponents.sum(axis=-1, keepdims=True)
        tiny = np.finfo(np.float32).tiny
        losses = -np.log(np.maximum((probabilities * wanted).sum(axis=-1), tiny)).mean(axis=-1)
        error = (probabilities - wanted) / np.float32(rows.shape[1])
        of_weights: list[Array] = []
        of_biases: list[Array] = []
        for layer in reversed(range(self._layers)):
            of_weights.insert(0, outputs[layer].transpose(0, 2, 1) @ error)
            of_biases.insert(0, error.sum(axis=1, keepdims=True))
            if layer:
                error = (error @ weights[layer].transpose(0, 2, 1)) * (outputs[layer] > 0)
        return np.asarray(losses, dtype=np.float64), [*of_weights, *of_biases]
