"""Messages to rows of the layer, and what the layer answers to messages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from grpc_sidecar.contract import FieldViolation, Message, PredictionError, StarPrediction
from stellar import FIELDS, Prediction, Violation

_NAMES = tuple(field.name for field in FIELDS)


def row_of(features: Message) -> dict[str, Any]:
    """The object as the layer validates it. A field that was not sent is not in it."""
    present = features.HasField
    return {name: getattr(features, name) for name in _NAMES if present(name)}


def prediction_message(prediction: Prediction) -> Message:
    """The answer as it is sent."""
    return StarPrediction(
        int_output=prediction.int_output,
        str_output=prediction.str_output,
        label=prediction.label,
        probabilities=prediction.probabilities,
        model_version=prediction.model_version,
        model_variant=prediction.model_variant,
        warnings=prediction.warnings,
    )


def refusal_message(violations: Sequence[Violation]) -> Message:
    """The answer to an object that cannot be classified, where the call as a whole goes on."""
    details = [FieldViolation(field=v.field, description=v.message, limit=v.limit or "") for v in violations]
    return StarPrediction(error=PredictionError(message=summary(violations), violations=details))


def summary(violations: Sequence[Violation]) -> str:
    """What is wrong, in one line."""
    return "; ".join(f"{violation.field}: {violation.message}" for violation in violations)
