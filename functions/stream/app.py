"""The Kafka function: a batch of objects in, their predictions on the output topic before it returns.

At least once: a record is done only when its prediction, or its copy on the dead-letter topic, is acknowledged. What
was not delivered is reported as a batch item failure, and the event source mapping brings it again.
"""

from __future__ import annotations

import gc
from typing import Any

import orjson
from aws_lambda_powertools.utilities.typing import LambdaContext
from confluent_kafka import KafkaError
from incoming import Header, Incoming, NotJsonError, incoming
from outgoing import DELIVERY_SECONDS, is_too_large, outbox
from telemetry import logger, telemetry

from stellar import InvalidObjectError, Prediction, open_store, validate
from stellar_service.topics import dead_letter_topic, predictions_topic

PREDICTIONS = predictions_topic()
DEAD_LETTERS = dead_letter_topic()

MOST_CHARACTERS = 10_000
"""Of the key and of the reason in a reference, which has to be small whatever it refers to."""

store = open_store()


@logger.inject_lambda_context(clear_state=True)
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Classify the event's records with one model, in one call to it."""
    records = list(incoming(event))
    rows, refused = _read(records)
    batch = validate(list(rows.values()))
    tickets = list(rows)
    refused |= {tickets[error.index]: ("invalid", InvalidObjectError(error.violations)) for error in batch.errors}
    predictions = store.classifier.classify(batch)
    answers = dict(zip((tickets[index] for index in batch.indices.tolist()), predictions, strict=True))

    for ticket, record in enumerate(records):  # in the records' order, which is a key's order too
        if ticket in answers:
            _send_prediction(ticket, record, rows[ticket], answers[ticket])
        else:
            _send_dead_letter(ticket, record, *refused[ticket])
    failed = _deliver(records, refused, context)
    telemetry.count(Predictions=len(answers), DeadLetters=len(refused), Undelivered=len(failed))
    telemetry.flush()
    return {"batchItemFailures": _failures(records, set(failed))}


def _deliver(
    records: list[Incoming], refused: dict[int, tuple[str, Exception]], context: LambdaContext
) -> dict[int, KafkaError]:
    """Wait for acknowledgements; what the cluster finds too large is replaced by a reference. What did not arrive."""
    failed = outbox.flush(_seconds_left(context))
    too_large = [ticket for ticket, error in failed.items() if is_too_large(error)]
    if not too_large:
        return failed
    for ticket in sorted(too_large):
        kind, reason = refused.get(ticket, ("prediction_too_large", failed[ticket].str()))
        _send_reference(ticket, records[ticket], kind, str(reason), failed.pop(ticket).str())
    return failed | outbox.flush(_seconds_left(context))


def _seconds_left(context: LambdaContext) -> float:
    """How long delivery may take: what is left of the invocation, but for the time to report what failed."""
    return max(0.1, min(DELIVERY_SECONDS, context.get_remaining_time_in_millis() / 1000 - 2))


def _read(records: list[Incoming]) -> tuple[dict[int, Any], dict[int, tuple[str, Exception]]]:
    """The records' contents, and those that are not JSON, by their place in the event."""
    rows: dict[int, Any] = {}
    refused: dict[int, tuple[str, Exception]] = {}
    for ticket, record in enumerate(records):
        try:
            rows[ticket] = record.content()
        except NotJsonError as error:
            refused[ticket] = ("not_json", error)
    return rows, refused


def _send_prediction(ticket: int, record: Incoming, row: dict[str, Any], prediction: Prediction) -> None:
    value = orjson.dumps({"prediction": prediction, "obj_ID": row.get("obj_ID"), "source": record.source})
    headers = [*record.headers, ("model_version", prediction.model_version.encode())]
    outbox.put(ticket, PREDICTIONS, record.key, value, headers)


def _send_dead_letter(ticket: int, record: Incoming, kind: str, reason: Exception) -> None:
    """The value untouched, with headers that say where it came from and why it is here."""
    outbox.put(ticket, DEAD_LETTERS, record.key, record.value, [*record.headers, *_about(record, kind, str(reason))])


def _send_reference(ticket: int, record: Incoming, kind: str, reason: str, refusal: str) -> None:
    """In place of a record that the dead-letter topic does not take: where it is, how large it is, and why."""
    value = orjson.dumps(
        {
            "reference": {
                "topic": record.topic,
                "partition": record.partition,
                "offset": record.offset,
                "size": record.size,
            },
            "error_type": kind,
            "error_message": reason[:MOST_CHARACTERS],
            "not_copied": refusal,
        }
    )
    key = record.key if record.key is None or len(record.key) <= MOST_CHARACTERS else None
    about = _about(record, kind, reason[:MOST_CHARACTERS])
    outbox.put(ticket, DEAD_LETTERS, key, value, [*about, ("source_size", str(record.size).encode())])


def _about(record: Incoming, kind: str, reason: str) -> list[Header]:
    about = {
        "error_type": kind,
        "error_message": reason,
        "source_topic": record.topic,
        "source_partition": str(record.partition),
        "source_offset": str(record.offset),
    }
    return [(name, text.encode()) for name, text in about.items()]


def _failures(records: list[Incoming], failed: set[int]) -> list[dict[str, Any]]:
    """The records to bring again: of each partition the first that failed and all after it, so that order holds."""
    stopped: set[str] = set()
    failures = []
    for ticket, record in enumerate(records):
        if ticket in failed:
            stopped.add(record.group)
        if record.group in stopped:
            failures.append({"itemIdentifier": {"partition": record.group, "offset": record.offset}})
    return failures


gc.freeze()  # what the init phase made stays: no collection need walk through it again
