"""Messages to rows of the layer, and what the layer answers to messages."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from google.protobuf.message import DecodeError

from stellar import FIELDS, Prediction, Violation
from stellar.schema import Identifier, digits
from stellar_service.contract import FieldViolation, Message, PredictionError, StarPrediction

_NAMES = tuple(field.name for field in FIELDS)
_IDENTIFIERS = tuple((field.name, f"{field.name}_digits") for field in FIELDS if field.identifier)


def decoder(kind: Message) -> Callable[[bytes], Message | tuple[Violation, ...]]:
    """A deserializer that gives what is wrong with bytes that are no message of the kind.

    One that raised would have the call answered UNKNOWN, in Python's words, and a stack trace in the log.
    """

    def decode(content: bytes) -> Message | tuple[Violation, ...]:
        try:
            return kind.FromString(content)
        except DecodeError:
            return (Violation("request", f"The bytes are no message {kind.DESCRIPTOR.full_name}"),)

    return decode


def row_of(features: Message) -> dict[str, Any]:
    """The object as the layer validates it. A field that was not sent is not in it."""
    present = features.HasField
    row = {name: getattr(features, name) for name in _NAMES if present(name)}
    for name, text in _IDENTIFIERS:
        if present(text):
            row[name] = getattr(features, text)
    return row


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
        novelty=prediction.novelty,
        reliable=prediction.reliable,
        obj_ID=_digits(prediction.obj_ID),
        spec_obj_ID=_digits(prediction.spec_obj_ID),
    )


def _digits(identifier: Identifier | None) -> str | None:
    return None if identifier is None else digits(identifier)


def error_message(violations: Sequence[Violation]) -> Message:
    """The answer to an object that cannot be classified, where the call as a whole goes on."""
    details = [FieldViolation(field=v.field, description=v.message, limit=v.limit or "") for v in violations]
    return StarPrediction(error=PredictionError(message=summary(violations), violations=details))


def summary(violations: Sequence[Violation]) -> str:
    """What is wrong, in one line."""
    return "; ".join(map(str, violations))
