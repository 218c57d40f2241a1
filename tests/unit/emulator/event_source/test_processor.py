from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import pytest

from lambda_emulator.delivery import DeliveryError
from lambda_emulator.event_source.batches.backoff import Backoff
from lambda_emulator.event_source.batches.event import Envelope
from lambda_emulator.event_source.batches.failed_batches import FailedBatch
from lambda_emulator.event_source.batches.processor import Processor
from lambda_emulator.event_source.batches.sender import Answer, InvokeError, PayloadTooLargeError
from lambda_emulator.event_source.kafka.offsets import OffsetTracker
from lambda_emulator.event_source.kafka.records import Record
from support.kafka import a_config, a_record, records_of

OK = Answer("id", b"null")
ERROR = Answer("id", b'{"errorMessage": "no"}', "Unhandled")


class Function:
    """A sender that answers as the test says, and remembers the offsets of each call."""

    def __init__(self, answer: Callable[[list[int]], Answer]) -> None:
        self._answer = answer
        self.calls: list[list[int]] = []

    async def invoke(self, function: str, payload: bytes) -> Answer:
        self.calls.append([record["offset"] for record in records_of(json.loads(payload))])
        return self._answer(self.calls[-1])

    def close(self) -> None: ...


class Shelf:
    """A destination that refuses a number of times, then keeps what it gets."""

    def __init__(self, refusals: int = 0) -> None:
        self.kept: list[FailedBatch] = []
        self._refusals = refusals

    async def send(self, failed: FailedBatch) -> None:
        if self._refusals:
            self._refusals -= 1
            raise DeliveryError("not now")
        self.kept.append(failed)


async def run(
    answer: Callable[[list[int]], Answer],
    records: list[Record] | int,
    shelf: Shelf | None = None,
    **properties: Any,
) -> tuple[Function, dict[str, list[int]]]:
    """Process one batch; the function, and the offsets by what became of them."""
    if shelf is not None:
        properties["DestinationConfig"] = {"OnFailure": {"Destination": "kafka://shelf"}}
    if isinstance(records, int):
        tracker = OffsetTracker(0)
        records = [a_record(offset, tracker=tracker) for offset in range(records)]
    config = a_config(**properties)
    function = Function(answer)
    settled: dict[str, list[int]] = {}
    processor = Processor(
        config,
        "stream",
        "arn:stream",
        Envelope(config, "b:9092"),
        function,
        shelf,
        backoff=Backoff(0.0, 0.0),
        max_payload=100_000,
    )
    await processor.process(
        records, lambda done, outcome: settled.setdefault(outcome, []).extend(record.offset for record in done)
    )
    return function, settled


def fails(*bad: int) -> Callable[[list[int]], Answer]:
    return lambda offsets: ERROR if set(bad) & set(offsets) else OK


async def test_success_settles_all() -> None:
    function, settled = await run(fails(), 3)
    assert function.calls == [[0, 1, 2]]
    assert settled == {"processed": [0, 1, 2]}


@pytest.mark.parametrize(("retries", "calls"), [(0, 1), (3, 4)])
async def test_retries_do_not_count_the_first_attempt(retries: int, calls: int) -> None:
    function, settled = await run(fails(1), 3, MaximumRetryAttempts=retries)
    assert function.calls == [[0, 1, 2]] * calls
    assert settled == {"dropped": [0, 1, 2]}


async def test_infinite_retries_stop_after_ten_where_there_is_a_destination() -> None:
    shelf = Shelf()
    function, settled = await run(fails(0), 1, shelf)
    assert len(function.calls) == 11
    assert settled == {"on_failure": [0]}
    assert shelf.kept[0].summary()["requestContext"]["approximateInvokeCount"] == 11


async def test_a_split_uses_up_no_retry_and_keeps_the_order() -> None:
    shelf = Shelf()
    function, settled = await run(fails(5), 8, shelf, BisectBatchOnFunctionError=True, MaximumRetryAttempts=1)
    assert function.calls == [[*range(8)], [0, 1, 2, 3], [4, 5, 6, 7], [4, 5], [4], [5], [5], [6, 7]]
    assert settled == {"processed": [0, 1, 2, 3, 4, 6, 7], "on_failure": [5]}
    assert [record.offset for record in shelf.kept[0].records] == [5]


async def test_named_failures_are_retried_alone_until_they_are_given_up() -> None:
    response = {"batchItemFailures": [{"itemIdentifier": {"partition": "topic-0", "offset": 1}}]}
    answer = Answer("id", json.dumps(response).encode())
    function, settled = await run(
        lambda _: answer, 3, FunctionResponseTypes=["ReportBatchItemFailures"], MaximumRetryAttempts=1
    )
    assert function.calls == [[0, 1, 2], [1]]
    assert settled == {"processed": [0, 2], "dropped": [1]}


async def test_a_response_that_names_a_stranger_fails_the_batch() -> None:
    response = {"batchItemFailures": [{"itemIdentifier": {"partition": "topic-0", "offset": 99}}]}
    answers = iter([Answer("id", json.dumps(response).encode()), OK])
    function, settled = await run(lambda _: next(answers), 2, FunctionResponseTypes=["ReportBatchItemFailures"])
    assert function.calls == [[0, 1], [0, 1]]
    assert settled == {"processed": [0, 1]}


async def test_a_response_is_not_read_unless_the_mapping_says_so() -> None:
    response = {"batchItemFailures": [{"itemIdentifier": {"partition": "topic-0", "offset": 0}}]}
    _, settled = await run(lambda _: Answer("id", json.dumps(response).encode()), 1)
    assert settled == {"processed": [0]}


async def test_what_the_service_refuses_is_no_failure_of_the_function() -> None:
    refusals = iter([InvokeError("busy", throttled=True), InvokeError("gone"), InvokeError("gone")])

    def answer(_: list[int]) -> Answer:
        if refusal := next(refusals, None):
            raise refusal
        return OK

    function, settled = await run(answer, 1, MaximumRetryAttempts=0)
    assert len(function.calls) == 4
    assert settled == {"processed": [0]}


async def test_records_that_are_too_old_are_given_up_before_each_attempt() -> None:
    shelf, tracker = Shelf(), OffsetTracker(0)
    now = int(time.time() * 1000)
    old = a_record(0, tracker=tracker, timestamp=now - 61_000)
    young = a_record(1, tracker=tracker, timestamp=now)
    function, settled = await run(fails(), [old, young], shelf, MaximumRecordAgeInSeconds=60)
    assert function.calls == [[1]]
    assert settled == {"on_failure": [0], "processed": [1]}
    record = shelf.kept[0].summary()
    assert record["requestContext"]["condition"] == "EventAgeExceeded"
    assert record["responseContext"] is None


async def test_a_record_that_no_payload_can_hold_is_given_up_and_the_others_go_on() -> None:
    shelf, tracker = Shelf(), OffsetTracker(0)
    large = b'{"offset":1,"value":"%b"}' % (b"x" * 100_000)
    records = [a_record(0, tracker=tracker), a_record(1, tracker=tracker, body=large), a_record(2, tracker=tracker)]
    function, settled = await run(fails(), records, shelf)
    assert function.calls == [[0], [2]]
    assert settled == {"processed": [0, 2], "on_failure": [1]}
    assert shelf.kept[0].summary()["requestContext"]["condition"] == "MaximumPayloadSizeExceeded"
    assert shelf.kept[0].summary()["responseContext"] is None


async def test_a_payload_that_the_service_finds_too_large_is_split() -> None:
    def answer(offsets: list[int]) -> Answer:
        if len(offsets) > 1:
            raise PayloadTooLargeError
        return OK

    function, settled = await run(answer, 3)
    assert settled == {"processed": [0, 1, 2]}
    assert function.calls == [[0, 1, 2], [0, 1], [0], [1], [2]]


async def test_a_destination_is_asked_until_it_takes_the_records() -> None:
    shelf = Shelf(refusals=3)
    _, settled = await run(fails(0), 1, shelf, MaximumRetryAttempts=0)
    assert settled == {"on_failure": [0]}
    assert len(shelf.kept) == 1


async def test_records_of_a_partition_that_is_leaving_are_not_tried_again() -> None:
    going, staying = OffsetTracker(0), OffsetTracker(1)
    records = [a_record(0, tracker=going), a_record(1, tracker=staying)]

    def answer(offsets: list[int]) -> Answer:
        going.leaving = True
        return OK if offsets == [1] else ERROR

    function, settled = await run(answer, records)
    assert function.calls == [[0, 1], [1]]
    assert settled == {"processed": [1]}
