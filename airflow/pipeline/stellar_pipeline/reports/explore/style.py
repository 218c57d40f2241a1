"""How figures look: one colour a class, told apart by colour-blind eyes too (Okabe and Ito), and little ink else."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure

COLOURS = {"GALAXY": "#0072B2", "QSO": "#D55E00", "STAR": "#E0A100"}

_RC: dict[Any, Any] = {
    "figure.facecolor": "white",
    "axes.facecolor": "white",
    "axes.edgecolor": "#8a94a0",
    "axes.labelcolor": "#1b2430",
    "axes.titleweight": "bold",
    "axes.titlesize": 12,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "axes.grid": True,
    "grid.color": "#e6eaef",
    "xtick.color": "#5b6776",
    "ytick.color": "#5b6776",
    "legend.frameon": False,
    "font.size": 10,
    "savefig.dpi": 144,
}


@contextmanager
def styled() -> Iterator[None]:
    """Figures made within look alike, whatever the user's matplotlibrc says."""
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(_RC)
        yield


def canvas(width: float, height: float) -> Figure:
    """A figure [inch] that needs no display and that nobody has to close."""
    return Figure(figsize=(width, height), layout="constrained")
