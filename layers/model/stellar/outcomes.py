"""Rows in, outcomes out: for protocols that answer row by row, whatever is wrong with some of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

from stellar.classifier import Classifier
from stellar.schema import Prediction
from stellar.validation import InvalidObjectError, Violation, validate, validate_one

Outcome: TypeAlias = Prediction | tuple[Violation, ...]
"""A prediction, or what is wrong with the object."""


def outcomes(classifier: Classifier, rows: Sequence[object]) -> list[Outcome]:
    """The outcome of every row, in order, by one model call. Never raises for a row that is wrong."""
    if len(rows) == 1:
        return [_outcome(classifier, rows[0])]
    batch = validate(rows)
    found: list[Any] = [()] * len(rows)
    for index, prediction in zip(batch.indices.tolist(), classifier.classify(batch), strict=True):
        found[index] = prediction
    for error in batch.errors:
        found[error.index] = error.violations
    return found


def _outcome(classifier: Classifier, row: object) -> Outcome:
    try:
        return classifier.classify_one(validate_one(row))
    except InvalidObjectError as error:
        return error.violations
