"""Figures of a model, for its run in MLflow: where it errs, whether its probabilities hold, what it looks at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from stellar.schema import CLASSES
from stellar_pipeline.model.evaluate import macro_f1
from stellar_pipeline.reports.explore.style import COLOURS, canvas

_BINS = 10
_LEAST_ROWS = 10
"""Rows of a bin that is drawn: the share of fewer says nothing."""
_INK = "#0072B2"


def confusion(matrix: Sequence[Sequence[int]], title: str) -> Figure:
    """True classes as rows, answers as columns; colour is the share of the row."""
    counts = np.asarray(matrix)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    figure = canvas(4.6, 4)
    axes = figure.subplots()
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    for row, column in np.ndindex(*counts.shape):
        colour = "white" if shares[row, column] > 0.5 else "black"
        text = f"{counts[row, column]:,}\n{shares[row, column]:.1%}"
        axes.text(column, row, text, ha="center", va="center", color=colour)
    places = range(len(CLASSES))
    axes.set(title=title, xlabel="answer", ylabel="true class")
    axes.set_xticks(places, CLASSES)
    axes.set_yticks(places, CLASSES)
    axes.grid(False)
    return figure


def calibration(labels: NDArray[np.intp], probabilities: NDArray[np.floating], title: str) -> Figure:
    """For each class, how often it is the true one among rows that were given about the same probability for it."""
    figure = canvas(4.6, 4)
    axes = figure.subplots()
    axes.plot([0, 1], [0, 1], color="#8a94a0", linewidth=1, linestyle="--")
    for code, name in enumerate(CLASSES):
        told, right = probabilities[:, code], labels == code
        bins = np.minimum((told * _BINS).astype(np.intp), _BINS - 1)
        rows = np.bincount(bins, minlength=_BINS)
        some = rows >= _LEAST_ROWS
        means = np.bincount(bins, weights=told, minlength=_BINS)[some] / rows[some]
        shares = np.bincount(bins, weights=right, minlength=_BINS)[some] / rows[some]
        axes.plot(means, shares, marker="o", markersize=4, color=COLOURS[name], label=name)
    axes.set(title=title, xlabel="probability given", ylabel="share of rows", xlim=(0, 1), ylim=(0, 1))
    axes.legend()
    return figure


def importance(losses: Mapping[str, float], title: str) -> Figure:
    """How much macro-F1 is lost when a feature's values are shuffled among the rows."""
    names = sorted(losses, key=lambda name: losses[name])
    figure = canvas(5.4, 0.32 * len(names) + 1.2)
    axes = figure.subplots()
    axes.barh([name.replace("_", " − ") for name in names], [losses[name] for name in names], color=_INK, height=0.65)
    axes.set(title=title, xlabel="macro-F1 lost")
    axes.grid(False, axis="y")
    return figure


def history(curves: Mapping[str, Sequence[float]], title: str, quantity: str, step: str) -> Figure:
    """Learning curves by their names, over rounds, epochs or folds."""
    figure = canvas(5.4, 3.6)
    axes = figure.subplots()
    for name, values in curves.items():
        axes.plot(range(1, len(values) + 1), values, label=name, marker="." if len(values) < 40 else "")
    axes.set(title=title, xlabel=step, ylabel=quantity)
    if len(curves) > 1:
        axes.legend()
    return figure


def permutation_losses(
    predict: object, table: NDArray[np.float32], labels: NDArray[np.intp], columns: Sequence[str], seed: int
) -> dict[str, float]:
    """Macro-F1 lost by shuffling each of the first columns of the table (Breiman 2001, "Random Forests").

    ``predict`` gives probabilities of shape (n, 3) for a table.
    """
    assert callable(predict)
    rng = np.random.default_rng(seed)
    whole = macro_f1(labels, predict(table))
    losses = {}
    for place, name in enumerate(columns):
        shuffled = table.copy()
        shuffled[:, place] = rng.permutation(shuffled[:, place])
        losses[name] = whole - macro_f1(labels, predict(shuffled))
    return losses
