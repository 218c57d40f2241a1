"""Which records of a batch a function says have failed.

Mirrors ``ReportBatchItemFailures`` on "Configuring error handling controls for Kafka event sources", and "Success and
failure conditions" of the Kinesis page, where Kafka's is silent.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson

from lambda_emulator.event_source.kafka.records import Record


class InvalidResponseError(ValueError):
    """A response that names no record of the batch: the whole batch counts as failed."""


def failed_records(payload: bytes, topic: str, records: Sequence[Record]) -> list[Record]:
    """The records that the function wants again, in the batch's order; none of them if all went well.

    ``{"batchItemFailures": [{"itemIdentifier": {"partition": "topic-0", "offset": 100}}]}`` names them. Nothing,
    null, an empty object or list, and an answer of another kind ("done") are success.

    Raises InvalidResponseError.
    """
    items = failed_items(payload)
    if not items:
        return []
    known = {(f"{topic}-{record.partition}", record.offset): record for record in records}
    chosen = set()
    for item in items:
        identifier = item.get("itemIdentifier") if isinstance(item, dict) else None
        if not isinstance(identifier, dict):
            raise InvalidResponseError(f"batchItemFailures has an entry without an itemIdentifier object: {item!r}")
        name, offset = identifier.get("partition"), identifier.get("offset")
        if isinstance(offset, bool) or not isinstance(offset, int) or (name, offset) not in known:
            raise InvalidResponseError(f"batchItemFailures names a record that is not in the batch: {identifier!r}")
        chosen.add((name, offset))
    return [record for place, record in known.items() if place in chosen]


def failed_items(payload: bytes) -> list[Any]:
    """The entries of ``batchItemFailures``; none where all went well. Raises InvalidResponseError."""
    if not payload.strip():
        return []
    try:
        content = orjson.loads(payload)
    except orjson.JSONDecodeError:
        raise InvalidResponseError("the response is not JSON") from None
    if not isinstance(content, dict):
        return []
    items = content.get("batchItemFailures")
    if items is None:
        return []
    if not isinstance(items, list):
        raise InvalidResponseError(f"batchItemFailures is no list: {items!r}")
    return items
