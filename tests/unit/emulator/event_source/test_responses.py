from __future__ import annotations

import json
from typing import Any

import pytest

from lambda_emulator.event_source.batches.responses import InvalidResponseError, failed_records
from lambda_emulator.event_source.kafka.offsets import OffsetTracker
from support.kafka import a_record

TRACKER = OffsetTracker(3)
RECORDS = [a_record(offset, tracker=TRACKER) for offset in (7, 8, 9)]


def failed(response: Any) -> list[int]:
    payload = response if isinstance(response, bytes) else json.dumps(response).encode()
    return [record.offset for record in failed_records(payload, "topic", RECORDS)]


def item(offset: Any, partition: Any = "topic-3") -> dict[str, Any]:
    return {"itemIdentifier": {"partition": partition, "offset": offset}}


def test_the_named_records_come_back_in_the_order_of_the_batch() -> None:
    assert failed({"batchItemFailures": [item(9), item(7), item(7)]}) == [7, 9]


@pytest.mark.parametrize(
    "response",
    [b"", None, {}, {"batchItemFailures": []}, {"batchItemFailures": None}, {"other": 1}, "done", 5, [], True],
)
def test_what_counts_as_success(response: Any) -> None:
    assert failed(response) == []


@pytest.mark.parametrize(
    "response",
    [
        b"{",
        {"batchItemFailures": "7"},
        {"batchItemFailures": {"itemIdentifier": 7}},
        {"batchItemFailures": [None]},
        {"batchItemFailures": [{}]},
        {"batchItemFailures": [{"itemIdentifier": "topic-3"}]},
        {"batchItemFailures": [{"itemIdentifier": None}]},
        {"batchItemFailures": [{"itemidentifier": {"partition": "topic-3", "offset": 7}}]},
        {"batchItemFailures": [item(7), item(10)]},
        {"batchItemFailures": [item("7")]},
        {"batchItemFailures": [item(True)]},
        {"batchItemFailures": [item(None)]},
        {"batchItemFailures": [item(7, "topic-4")]},
        {"batchItemFailures": [item(7, 3)]},
    ],
)
def test_what_fails_the_whole_batch(response: Any) -> None:
    with pytest.raises(InvalidResponseError):
        failed(response)
