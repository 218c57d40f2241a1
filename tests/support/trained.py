"""A small model trained on synthetic rows, made once for a test process."""

from __future__ import annotations

from functools import cache

from stellar_pipeline.model.members import QUICK
from stellar_pipeline.model.training import Trained, train
from support.catalogues import synthetic

ROWS = 1500

SMALL = {"boosting_rounds": 6, "nets": 1, "hidden": 16, "epochs": 12, "folds": 2}
"""Settings of a poor model that is trained in seconds."""


@cache
def quick_model(seed: int = 3) -> Trained:
    """Both variants, trained quickly on ``synthetic(ROWS)``."""
    return train(synthetic(ROWS), QUICK, seed)
