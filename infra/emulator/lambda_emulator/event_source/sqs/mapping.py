"""A mapping of an SQS queue, while it is Enabled."""

from __future__ import annotations

import asyncio
import logging

from lambda_emulator.event_source.batches.backoff import Backoff
from lambda_emulator.event_source.batches.limit import AdaptiveLimit
from lambda_emulator.event_source.batches.sender import Sender
from lambda_emulator.event_source.lifecycle import SourceMapping, Target
from lambda_emulator.event_source.metrics import Metrics
from lambda_emulator.event_source.poller import DrainTimeouts
from lambda_emulator.event_source.scaling import ON_DEMAND
from lambda_emulator.event_source.sqs.config import QueueConfig
from lambda_emulator.event_source.sqs.poller import QueuePoller
from lambda_emulator.event_source.sqs.queue import Queue, QueueError

_LOG = logging.getLogger(__name__)
_POLL_SECONDS = 1.0


class QueueMapping(SourceMapping[QueueConfig]):
    """A mapping of an SQS queue."""

    def __init__(
        self,
        uuid: str,
        name: str,
        target: Target,
        config: QueueConfig,
        metrics: Metrics,
        sender: Sender,
        backoff: Backoff,
        pace: DrainTimeouts,
        *,
        refusal: str | None = None,
    ) -> None:
        self._sender = sender
        self._backoff = backoff
        self._pace = pace
        self._poller: QueuePoller | None = None
        super().__init__(uuid, name, target, config, metrics, refusal=refusal)

    @property
    def last_result(self) -> str:
        error = self._poller.last_error if self._poller else None
        return f"PROBLEM: {error}" if error else self.metrics.last_result

    async def _run(self, tried: asyncio.Event) -> None:
        queue = Queue(self.config.event_source_arn)
        try:
            visibility = await self._visibility(queue, tried)
            if visibility < self.target.timeout:
                self.refusal = (
                    f"Queue visibility timeout: {visibility} seconds is less than "
                    f"Function timeout: {self.target.timeout} seconds"
                )
                return
            self.metrics.last_result = "No records processed"
            self._poller = QueuePoller(
                self.config,
                self.target.name,
                queue,
                self._sender,
                AdaptiveLimit(min(ON_DEMAND, self.config.maximum_concurrency or ON_DEMAND)),
                self.metrics,
                self._backoff,
                visibility_seconds=visibility,
                drain_seconds=self._pace.drain,
            )
            self._poller.start()
        finally:
            tried.set()
        await asyncio.Event().wait()

    async def _visibility(self, queue: Queue, tried: asyncio.Event) -> int:
        """The queue's visibility timeout, once there is such a queue."""
        while True:
            try:
                return await queue.visibility_timeout()
            except QueueError as error:
                if f"PROBLEM: {error}" != self.metrics.last_result:
                    _LOG.warning("%s: %s", self.name, error)
                self.metrics.problem(str(error))
                tried.set()
                await asyncio.sleep(_POLL_SECONDS)

    async def _end_pollers(self) -> None:
        poller, self._poller = self._poller, None
        if poller is not None:
            await poller.stop()
