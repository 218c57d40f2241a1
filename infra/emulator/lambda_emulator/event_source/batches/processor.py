"""Takes one batch through its attempts until every record of it has settled.

Mirrors "Configuring error handling controls for Kafka event sources". Decided here, where AWS says nothing of Kafka:

- A split does not use up a retry (as for Kinesis), and its halves run one after the other, which keeps the order.
- Records that a function does not name in ``batchItemFailures`` are done; the named ones are retried alone.
- A batch that the service did not take (throttled, unreachable, 5xx) is sent again for as long as it takes, apart
  from ``MaximumRecordAgeInSeconds``; that is no attempt of the function's.
- A destination that does not answer is asked again for as long as it takes: no record is lost to it.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from lambda_emulator.delivery import DeliveryError
from lambda_emulator.event_source.batches.backoff import Backoff, Interruptible
from lambda_emulator.event_source.batches.destinations import Destination
from lambda_emulator.event_source.batches.event import MAX_PAYLOAD, Envelope
from lambda_emulator.event_source.batches.failed_batches import Condition, FailedBatch
from lambda_emulator.event_source.batches.limit import AdaptiveLimit
from lambda_emulator.event_source.batches.responses import InvalidResponseError, failed_records
from lambda_emulator.event_source.batches.sender import Answer, InvokeError, PayloadTooLargeError, Sender
from lambda_emulator.event_source.config import MappingConfig
from lambda_emulator.event_source.kafka.records import Record

_LOG = logging.getLogger(__name__)

Outcome = Literal["processed", "on_failure", "dropped"]
Settle = Callable[[Iterable[Record], Outcome], None]
"""Told which records need no further attempt, and what became of them."""


class Listener:
    """Told what happens, for metrics and for ``LastProcessingResult``. This one ignores it."""

    def invoked(self, records: int, seconds: float) -> None: ...

    def throttled(self) -> None: ...

    def succeeded(self) -> None: ...

    def problem(self, text: str) -> None: ...

    def failed(self, records: int) -> None: ...

    def lose(self, records: int, condition: Condition) -> None:
        """Records are given up, and there is no destination that would keep them."""


@dataclass(slots=True)
class _Work:
    """A batch or a part of one. ``failures`` counts its attempts that failed, ``invocations`` all of them."""

    records: list[Record]
    failures: int = 0
    invocations: int = 0
    answer: Answer | None = None


class Processor:
    """Processes batches of one mapping. Several may be processed at a time."""

    def __init__(
        self,
        config: MappingConfig,
        function: str,
        function_arn: str,
        envelope: Envelope,
        sender: Sender,
        destination: Destination | None = None,
        *,
        listener: Listener | None = None,
        backoff: Backoff | None = None,
        limit: AdaptiveLimit | None = None,
        max_payload: int = MAX_PAYLOAD,
    ) -> None:
        self._config = config
        self._function = function
        self._function_arn = function_arn
        self._envelope = envelope
        self._sender = sender
        self._destination = destination
        self._listener = listener or Listener()
        self._backoff = backoff or Backoff()
        self._limit = limit
        self._max_payload = max_payload
        self._pause = Interruptible()
        self._unserved = 0  # calls in a row that the service did not take, over all batches

    def wake(self) -> None:
        """Let every batch that waits look at once whether its partitions are still there to be processed."""
        self._pause.wake()

    async def process(self, records: Sequence[Record], settle: Settle) -> None:
        """Return when each record has settled, or belongs to a partition that is being given up."""
        stack = [_Work(list(records))]
        while stack:
            work = stack.pop()
            work.records = [record for record in work.records if not record.tracker.leaving]
            await self._discard_expired(work, settle)
            if work.records:
                stack += reversed(await self._attempt(work, settle))

    async def _attempt(self, work: _Work, settle: Settle) -> list[_Work]:
        """Run the function once on these records; what is left to do, in order."""
        payload = self._envelope.build(work.records)
        if len(payload) > self._max_payload:
            return await self._too_large(work, settle)
        answer = await self._invoke(work, payload)
        if isinstance(answer, PayloadTooLargeError):
            return await self._too_large(work, settle)
        if answer is None:
            return [work]
        work.answer = answer
        work.invocations += 1
        failed = self._failed(work.records, answer)
        if len(failed) < len(work.records):
            wanted = set(map(id, failed))
            settle([record for record in work.records if id(record) not in wanted], "processed")
            if not failed:
                self._listener.succeeded()
                return []
            work.records = failed
        elif self._config.bisect_on_error and len(work.records) > 1:
            return _halves(work)
        return await self._retry(work, settle)

    async def _invoke(self, work: _Work, payload: bytes) -> Answer | PayloadTooLargeError | None:
        """The answer; None where the service could not take the call, after a pause."""
        began = time.monotonic()
        try:
            answer = await self._sender.invoke(self._function, payload)
        except PayloadTooLargeError as error:
            return error
        except InvokeError as error:
            self._unserved += 1
            if error.throttled:
                self._listener.throttled()
                if self._limit is not None:
                    self._limit.throttled()
            self._listener.problem(str(error))
            await self._pause.sleep(self._backoff.after(self._unserved))
            return None
        self._unserved = 0
        if self._limit is not None:
            self._limit.succeeded()
        self._listener.invoked(len(work.records), time.monotonic() - began)
        return answer

    def _failed(self, records: list[Record], answer: Answer) -> list[Record]:
        """The records that the invocation did not do."""
        if answer.function_error:
            self._listener.problem(f"Function call failed: {_reason(answer)}")
            return records
        if not self._config.report_item_failures:
            return []
        try:
            failed = failed_records(answer.payload, self._envelope.topic, records)
        except InvalidResponseError as error:
            self._listener.problem(f"Function response is not valid: {error}")
            return records
        if failed:
            self._listener.problem(f"Function reported {len(failed)} of {len(records)} records as failed")
        return failed

    async def _retry(self, work: _Work, settle: Settle) -> list[_Work]:
        self._listener.failed(len(work.records))
        work.failures += 1
        if -1 < self._config.retries < work.failures:
            await self._discard(work, "RetryAttemptsExhausted", work.records, settle)
            return []
        await self._pause.sleep(self._backoff.after(work.failures))
        return [work]

    async def _too_large(self, work: _Work, settle: Settle) -> list[_Work]:
        if len(work.records) > 1:
            return _halves(work)
        work.answer = None  # the record was never shown to the function
        await self._discard(work, "MaximumPayloadSizeExceeded", work.records, settle)
        return []

    async def _discard_expired(self, work: _Work, settle: Settle) -> None:
        limit = self._config.maximum_record_age_seconds
        if limit == -1 or not work.records:
            return
        oldest = (time.time() - limit) * 1000
        expired = [record for record in work.records if record.timestamp is not None and record.timestamp < oldest]
        if expired:
            gone = set(map(id, expired))
            work.records = [record for record in work.records if id(record) not in gone]
            await self._discard(work, "EventAgeExceeded", expired, settle)

    async def _discard(self, work: _Work, condition: Condition, records: list[Record], settle: Settle) -> None:
        """Hand the records to the destination; without one, drop them."""
        places = f"{len(records)} of {self._envelope.topic}, the first {_place(records[0])}"
        if self._destination is None:
            _LOG.error("%s: records are LOST (%s), as no OnFailure is set: %s", self._function, condition, places)
            self._listener.lose(len(records), condition)
            settle(records, "dropped")
            return
        failed = FailedBatch(condition, records, self._envelope, self._function_arn, work.invocations, work.answer)
        failures = 0
        while not all(record.tracker.leaving for record in records):
            try:
                await self._destination.send(failed)
            except DeliveryError as error:
                failures += 1
                self._listener.problem(f"On-failure destination: {error}")
                _LOG.warning("%s: records wait for their on-failure destination: %s", self._function, error)
                await self._pause.sleep(self._backoff.after(failures))
            else:
                settle(records, "on_failure")
                return


def _halves(work: _Work) -> list[_Work]:
    middle = (len(work.records) + 1) // 2
    return [
        _Work(part, work.failures, work.invocations, work.answer)
        for part in (work.records[:middle], work.records[middle:])
    ]


def _place(record: Record) -> str:
    return f"partition {record.partition} offset {record.offset}"


def _reason(answer: Answer) -> str:
    return answer.payload[:300].decode(errors="replace")
