"""The Kafka topics: their names, and the variables of the template that name others."""

from __future__ import annotations

import os

FEATURES = "star_features_input"
"""Objects to be classified."""

PREDICTIONS = "star_predictions_output"
"""Their predictions."""

DEAD_LETTERS = "star_features_dlq"
"""Records that cannot be classified, with the reason."""

NAMES = (FEATURES, PREDICTIONS, DEAD_LETTERS)


def features_topic() -> str:
    """The topic of objects here."""
    return os.environ.get("STAR_FEATURES_TOPIC") or FEATURES


def predictions_topic() -> str:
    """The topic of predictions here."""
    return os.environ.get("STAR_PREDICTIONS_TOPIC") or PREDICTIONS


def dead_letter_topic() -> str:
    """The topic of dead letters here."""
    return os.environ.get("STAR_DLQ_TOPIC") or DEAD_LETTERS
