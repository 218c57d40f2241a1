"""Figures of a catalogue: what the classes look like in brightness, colour, distance and on the sky.

A figure takes cleaned rows (``data.catalogue.Cleaned.rows``). Clouds of points are drawn from a sample of the
rows, histograms and the correlation from all of them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from stellar.manifest import FEATURES
from stellar.schema import CLASSES
from stellar_pipeline.model.features import model_input
from stellar_pipeline.reports.explore.style import COLOURS, canvas

POINTS = 20_000
"""Points of a cloud: more would only cover each other."""

_LIGHT = 299_792.458
"""Speed of light [km/s]."""


@dataclass(frozen=True, slots=True)
class Plot:
    """One figure: the file it goes to, what it shows, and how it is drawn."""

    name: str
    caption: str
    draw: Callable[[pd.DataFrame], Figure]


def class_balance(rows: pd.DataFrame) -> Figure:
    """How many rows each class has."""
    figure = canvas(7, 2.6)
    axes = figure.subplots()
    counts = [int((rows["class"] == name).sum()) for name in CLASSES]
    bars = axes.barh(CLASSES, counts, color=[COLOURS[name] for name in CLASSES], height=0.65)
    axes.bar_label(bars, [f"{count:,}  ({count / len(rows):.1%})" for count in counts], padding=6)
    axes.set(title="Class balance", xlabel="rows", xlim=(0, max(counts) * 1.25))
    axes.invert_yaxis()
    axes.grid(False, axis="y")
    axes.xaxis.set_major_formatter("{x:,.0f}")
    return figure


def colour_colour(rows: pd.DataFrame) -> Figure:
    """Each colour against the next: stars on a narrow track, quasars bluer in u − g, galaxies red and wide."""
    figure = canvas(12, 4.2)
    some = _sample(rows)
    pairs = (("u", "g", "r"), ("g", "r", "i"), ("r", "i", "z"))
    for axes, (a, b, c) in zip(figure.subplots(1, 3), pairs, strict=True):
        across, up = some[a] - some[b], some[b] - some[c]
        _cloud(axes, across, up, some["class"])
        axes.set(xlabel=f"{a} − {b}  [mag]", ylabel=f"{b} − {c}  [mag]", xlim=_range(across), ylim=_range(up))
    figure.suptitle("Colour–colour diagrams", fontweight="bold")
    _legend(figure)
    return figure


def redshifts(rows: pd.DataFrame) -> Figure:
    """Redshifts of galaxies and quasars, and those of stars, which are velocities, on a scale of their own."""
    figure = canvas(11, 3.8)
    far, near = figure.subplots(1, 2, width_ratios=(3, 2))
    edges = np.linspace(0, max(1.0, float(rows["redshift"].max())), 90)
    present = [name for name in ("GALAXY", "QSO") if (rows["class"] == name).any()]
    for name in present:
        values = rows.loc[rows["class"] == name, "redshift"]
        far.hist(values, edges, color=COLOURS[name], alpha=0.65, label=name)
    far.set(title="Galaxies and quasars", xlabel="redshift", ylabel="rows")
    if present:
        far.set_yscale("log")
        far.legend()
    velocities = rows.loc[rows["class"] == "STAR", "redshift"] * _LIGHT
    near.hist(velocities, np.linspace(-600, 600, 61), color=COLOURS["STAR"])
    near.axvline(0, color="#5b6776", linewidth=1)
    approaching = float((velocities < 0).mean()) if len(velocities) else 0.0
    near.set(title=f"Stars: {approaching:.0%} approach us", xlabel="radial velocity  [km/s]", ylabel="rows")
    return figure


def magnitudes(rows: pd.DataFrame) -> Figure:
    """Brightness in the five bands; the axis runs backwards, as astronomers have it: bright is right."""
    figure = canvas(12, 3.2)
    for band, axes in zip("ugriz", figure.subplots(1, 5, sharey=True), strict=True):
        edges = np.linspace(*_range(rows[band]), 60)
        for name in rows["class"].unique():
            values = rows.loc[rows["class"] == name, band]
            axes.hist(values, edges, color=COLOURS[name], histtype="step", linewidth=1.6, density=True)
        axes.set(xlabel=f"{band}  [mag]", ylabel="density" if band == "u" else "")
        axes.invert_xaxis()
    figure.suptitle("Magnitudes", fontweight="bold")
    _legend(figure)
    return figure


def sky_map(rows: pd.DataFrame) -> Figure:
    """Where the objects are: an Aitoff map in equatorial coordinates, 12 h in the middle and east to the left."""
    figure = canvas(10, 5.6)
    axes = figure.add_subplot(projection="aitoff")
    some = _sample(rows)
    longitude = np.radians(180 - some["alpha"])
    _cloud(axes, longitude, np.radians(some["delta"]), some["class"])
    places = range(-150, 180, 30)
    axes.set_xticks(np.radians(places), [])
    for place in places:
        # South of what the survey saw, where no point lies under them.
        across, up = np.radians((place, -22)).tolist()
        axes.text(across, up, f"{(180 - place) // 15} h", ha="center", va="center", fontsize=8, color="#5b6776")
    axes.tick_params(axis="y", labelsize=8)
    figure.suptitle("Sky map, J2000", fontweight="bold")
    _legend(figure)
    return figure


def correlation(rows: pd.DataFrame) -> Figure:
    """Spearman's rank correlation of what the model sees: magnitudes move together, colours tell more."""
    figure = canvas(7, 6)
    axes = figure.subplots()
    matrix = pd.DataFrame(model_input(rows), columns=list(FEATURES)).corr("spearman").to_numpy()
    image = axes.imshow(matrix, cmap="RdBu_r", vmin=-1, vmax=1)
    names = [name.replace("_", " − ") for name in FEATURES]
    axes.set_xticks(range(len(names)), names, rotation=45, ha="right")
    axes.set_yticks(range(len(names)), names)
    for (row, column), value in np.ndenumerate(matrix):
        ink = "white" if abs(value) > 0.6 else "#1b2430"
        axes.text(column, row, f"{value:.2f}", ha="center", va="center", fontsize=7.5, color=ink)
    axes.grid(False)
    axes.spines[:].set_visible(False)
    axes.set_title("Correlation of the features (Spearman)")
    figure.colorbar(image, shrink=0.8)
    return figure


PLOTS = (
    Plot("class_balance", "Rows of each class.", class_balance),
    Plot("colour_colour", "Colour–colour diagrams: adjacent colours, extinction not corrected.", colour_colour),
    Plot("redshift", "Redshifts of galaxies and quasars; radial velocities of stars.", redshifts),
    Plot("magnitudes", "Magnitudes in the five SDSS bands, each class on its own scale.", magnitudes),
    Plot("sky_map", "Positions in equatorial coordinates, Aitoff projection.", sky_map),
    Plot("correlation", "Rank correlation of the ten features of the model.", correlation),
)


def _cloud(axes: Axes, across: pd.Series[float], up: pd.Series[float], classes: pd.Series[str]) -> None:
    """Points in the order of the rows, so that no class covers the others."""
    colours = classes.map(COLOURS)
    axes.scatter(across, up, s=3, c=colours, alpha=0.45, linewidths=0, rasterized=True)


def _legend(figure: Figure) -> None:
    marks = [Line2D([], [], marker="o", linestyle="", color=COLOURS[name], label=name) for name in CLASSES]
    figure.legend(handles=marks, loc="outside lower center", ncols=len(CLASSES))


def _range(values: pd.Series[float]) -> tuple[float, float]:
    """What holds 99.6% of the values, and a margin."""
    low, high = np.quantile(values, [0.002, 0.998])
    margin = 0.05 * (high - low) or 0.5
    return float(low - margin), float(high + margin)


def _sample(rows: pd.DataFrame) -> pd.DataFrame:
    """The same points for the same rows, shuffled."""
    return rows.sample(min(len(rows), POINTS), random_state=0)
