"""A small model trained on synthetic rows, made once for a test process."""

from __future__ import annotations

from functools import cache

from pipeline.members import QUICK
from pipeline.training import Trained, train
from tests.support.catalogues import synthetic

ROWS = 1500


@cache
def quick_model(seed: int = 3) -> Trained:
    """Both variants, trained quickly on ``synthetic(ROWS)``."""
    return train(synthetic(ROWS), QUICK, seed)
