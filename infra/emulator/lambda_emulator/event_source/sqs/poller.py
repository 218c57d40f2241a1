"""Polls a queue: what is received becomes batches, batches become invocations, and what succeeded is deleted.

Mirrors "Using Lambda with Amazon SQS". A message is deleted only after the function has taken it, or when a filter
keeps it from the function. What fails, or is on its way when the poller dies, comes again after the queue's visibility
timeout, and goes to the queue's own dead-letter queue by the count of its receptions.

Groups of a FIFO queue stay in order: SQS gives nothing of a group that has a message on its way, and what was received
too much for one batch is given back to it.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Sequence
from math import ceil

from lambda_emulator.event_source.batches.backoff import Backoff, Interruptible
from lambda_emulator.event_source.batches.event import MAX_PAYLOAD
from lambda_emulator.event_source.batches.limit import AdaptiveLimit
from lambda_emulator.event_source.batches.responses import InvalidResponseError
from lambda_emulator.event_source.batches.sender import Answer, InvokeError, PayloadTooLargeError, Sender
from lambda_emulator.event_source.metrics import MappingMetrics
from lambda_emulator.event_source.sqs.config import QueueConfig
from lambda_emulator.event_source.sqs.messages import Message, build, build_size, failed_messages, message_of, record_of
from lambda_emulator.event_source.sqs.queue import WAIT_SECONDS, Queue, QueueError

_LOG = logging.getLogger(__name__)
_DELETE_ATTEMPTS = 5


class QueuePoller:
    """Reads one queue for one function, until stopped. ``function`` is how the function is called."""

    def __init__(
        self,
        config: QueueConfig,
        function: str,
        queue: Queue,
        sender: Sender,
        limit: AdaptiveLimit,
        metrics: MappingMetrics,
        backoff: Backoff,
        *,
        visibility_seconds: float,
        drain_seconds: float,
    ) -> None:
        self._config = config
        self._function = function
        self._queue = queue
        self._sender = sender
        self._limit = limit
        self._metrics = metrics
        self._backoff = backoff
        self._visibility = visibility_seconds
        self._drain = drain_seconds
        self._left: list[tuple[Message, float]] = []  # received and in no batch yet, each with its time
        self._running: set[asyncio.Task[None]] = set()
        self._changed = asyncio.Event()
        self._pause = Interruptible()
        self._stopping = False
        self._receiving: asyncio.Task[None] | None = None
        self.last_error: str | None = None
        """What SQS complains of at present."""

    def start(self) -> None:
        """Begin to poll."""
        self._receiving = asyncio.create_task(self._poll())

    async def stop(self) -> None:
        """Receive no more, let batches end within the drain time, and give back what no batch has begun."""
        self._stopping = True
        self._pause.wake()
        self._changed.set()
        tasks: set[asyncio.Task[None]] = {*self._running, *([self._receiving] if self._receiving else [])}
        if tasks:
            await asyncio.wait(tasks, timeout=self._drain)
        for task in tasks:
            task.cancel()
        await self._give_back()

    async def _poll(self) -> None:
        failures = 0
        while not self._stopping:
            await self._room()
            try:
                batch = await self._gather()
            except QueueError as error:
                failures += 1
                if self.last_error != str(error):
                    _LOG.warning("%s", error)
                self.last_error = str(error)
                await self._pause.sleep(self._backoff.after(failures))
                continue
            failures, self.last_error = 0, None
            if batch:
                self._begin(batch)

    async def _room(self) -> None:
        """Wait until another batch may be on its way: what is received earlier would only grow old."""
        while len(self._running) >= self._limit.value and not self._stopping:
            self._changed.clear()
            await self._changed.wait()

    async def _gather(self) -> list[Message]:
        """Receive until a batch is full, or its window has passed; empty where nothing came, or nothing may go."""
        until = time.monotonic() + self._config.window_seconds if self._left else None
        size = build_size(message for message, _ in self._left)
        while not self._stopping and len(self._left) < self._config.batch_size and size < MAX_PAYLOAD:
            left = WAIT_SECONDS if until is None else until - time.monotonic()
            if left <= 0:
                break
            received = await self._receive(self._config.batch_size - len(self._left), ceil(left))
            size += sum(message.size for message in received)
            if until is None:
                if not received:
                    break
                until = time.monotonic() + self._config.window_seconds
        if self._stopping:
            return []  # what was received is given back
        batch = self._take()
        if self._left and self._config.is_fifo:
            await self._give_back()
        return batch

    async def _receive(self, number: int, wait: int) -> list[Message]:
        """Receive up to so many messages; those for the function. Filtered ones are deleted. Raises QueueError."""
        messages = await self._queue.receive(number, wait)
        now = time.monotonic()
        records = [record_of(message, self._config.event_source_arn) for message in messages]
        passing = [record for record in records if self._config.filters.passes(record)]
        received = [message_of(record) for record in passing]
        self._left += [(message, now) for message in received]
        if messages:
            self._metrics.polled(len(records), len(records) - len(passing))
        if len(passing) < len(records):
            kept = {record["messageId"] for record in passing}
            await self._queue.delete([r["receiptHandle"] for r in records if r["messageId"] not in kept])
        return received

    def _take(self) -> list[Message]:
        """The next batch of what was received. What others may have received meanwhile is left out."""
        batch: list[Message] = []
        size, taken = build_size(()), 0
        for message, received in self._left:
            size += message.size
            if len(batch) == self._config.batch_size or (batch and size > MAX_PAYLOAD):
                break
            taken += 1
            if time.monotonic() - received < self._visibility:
                batch.append(message)
        del self._left[:taken]
        return batch

    async def _give_back(self) -> None:
        """Let SQS give what is in no batch again, at once if it answers."""
        handles = [message.handle for message, _ in self._left]
        self._left = []
        if not handles:
            return
        try:
            await asyncio.wait_for(self._queue.release(handles), self._drain)
        except (QueueError, TimeoutError) as error:
            _LOG.debug("%s: messages come again after their visibility timeout: %s", self._config.source_name, error)

    def _begin(self, batch: list[Message]) -> None:
        task = asyncio.create_task(self._process(batch))
        self._running.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        self._changed.set()
        if not task.cancelled() and (error := task.exception()):
            # Its messages come again: nothing was deleted.
            _LOG.error("a batch could not be processed", exc_info=error)
            self._metrics.problem(f"{type(error).__name__}: {error}")

    async def _process(self, batch: Sequence[Message]) -> None:
        answer = await self._invoke(batch)
        if answer is None:
            return
        failed = self._failed(batch, answer)
        again = {message.id for message in failed}
        done = [message for message in batch if message.id not in again]
        if failed:
            self._metrics.failed(len(failed))
        if done:
            await self._delete(done)
            self._metrics.settled(len(done), "processed")
            if not failed:
                self._metrics.succeeded()

    async def _invoke(self, batch: Sequence[Message]) -> Answer | None:
        """The answer. None where the service took no call for as long as the messages are kept from others."""
        until = time.monotonic() + self._visibility
        payload = build(batch)
        failures = 0
        while True:
            began = time.monotonic()
            try:
                answer = await self._sender.invoke(self._function, payload)
            except PayloadTooLargeError as error:
                self._metrics.problem(str(error))
                return None
            except InvokeError as error:
                failures += 1
                self._metrics.problem(str(error))
                if error.throttled:
                    self._metrics.throttled()
                    self._limit.throttled()
                wait = self._backoff.after(failures)
                if self._stopping or time.monotonic() + wait >= until:
                    return None
                await self._pause.sleep(wait)
            else:
                self._limit.succeeded()
                self._metrics.invoked(len(batch), time.monotonic() - began)
                return answer

    def _failed(self, batch: Sequence[Message], answer: Answer) -> Sequence[Message]:
        if answer.function_error:
            self._metrics.problem(f"Function call failed: {answer.payload[:300].decode(errors='replace')}")
            return batch
        if not self._config.report_item_failures:
            return []
        try:
            failed = failed_messages(answer.payload, batch)
        except InvalidResponseError as error:
            self._metrics.problem(f"Function response is not valid: {error}")
            return batch
        if failed:
            self._metrics.problem(f"Function reported {len(failed)} of {len(batch)} records as failed")
        return failed

    async def _delete(self, done: Sequence[Message]) -> None:
        """Delete what was processed, some times over: else it would come again."""
        handles = [message.handle for message in done]
        for attempt in range(1, _DELETE_ATTEMPTS + 1):
            try:
                await self._queue.delete(handles)
                return
            except QueueError as error:
                self._metrics.problem(str(error))
                if attempt == _DELETE_ATTEMPTS:
                    _LOG.warning("%d processed messages are not deleted, and come again: %s", len(done), error)
                    return
                await self._pause.sleep(self._backoff.after(attempt))
