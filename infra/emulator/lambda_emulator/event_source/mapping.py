"""A mapping of a Kafka topic: its pollers, and what it does while it is Enabled."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from lambda_emulator.event_source.batches.backoff import Backoff
from lambda_emulator.event_source.batches.destinations import open_destination
from lambda_emulator.event_source.batches.event import Envelope
from lambda_emulator.event_source.batches.limit import AdaptiveLimit
from lambda_emulator.event_source.batches.processor import Processor
from lambda_emulator.event_source.batches.sender import Sender
from lambda_emulator.event_source.config import MappingConfig
from lambda_emulator.event_source.kafka.cluster import Cluster
from lambda_emulator.event_source.kafka.position import TopicNotReadyError, settle_position
from lambda_emulator.event_source.kafka.security import SecurityError
from lambda_emulator.event_source.kafka.topic_watch import TopicWatch
from lambda_emulator.event_source.lifecycle import SourceMapping, Target
from lambda_emulator.event_source.metrics import Metrics
from lambda_emulator.event_source.poller import DrainTimeouts, Poller
from lambda_emulator.event_source.scaling import INTERVAL_SECONDS, ON_DEMAND, PER_POLLER, Scaler
from lambda_emulator.event_source.values import InvalidMappingError
from lambda_emulator.threads import in_thread

_LOG = logging.getLogger(__name__)
_POLL_SECONDS = 1.0
_TOPIC_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Dependencies:
    """What all mappings of a service have in common."""

    cluster: Cluster
    sender: Sender
    metrics: Metrics
    pace: DrainTimeouts
    backoff: Backoff


class EventSourceMapping(SourceMapping[MappingConfig]):
    """A mapping of a Kafka topic."""

    def __init__(
        self,
        uuid: str,
        name: str,
        target: Target,
        config: MappingConfig,
        around: Dependencies,
        *,
        refusal: str | None = None,
    ) -> None:
        self._around = around
        self._topic_is_gone = False
        self._pollers: list[Poller] = []
        self._draining: set[asyncio.Task[None]] = set()
        super().__init__(uuid, name, target, config, around.metrics, refusal=refusal)

    @property
    def group(self) -> str:
        """The consumer group: the mapping's UUID where none is given, as on AWS."""
        return self.config.consumer_group or self.uuid

    @property
    def last_result(self) -> str:
        if self._topic_is_gone:
            return f"PROBLEM: The topic {self.config.topic} does not exist."
        errors = [poller.last_error for poller in self._pollers if poller.last_error]
        return f"PROBLEM: {errors[0]}" if errors else self.metrics.last_result

    @property
    def pollers(self) -> int:
        return len(self._pollers)

    @property
    def partitions(self) -> list[int]:
        """The partitions that this process reads at present."""
        return sorted(partition for poller in self._pollers for partition in poller.partitions)

    @property
    def lag(self) -> dict[int, int]:
        """Records written and not yet processed, of each partition that this process reads."""
        return {partition: records for poller in self._pollers for partition, records in poller.lag.items()}

    async def _end_pollers(self) -> None:
        """Let batches on their way end, commit, and leave the group."""
        while self._pollers:
            self._retire(self._pollers.pop())
        await self._drained()

    def _retire(self, poller: Poller) -> None:
        """Have a poller drain in a task of its own, which no cancellation of whoever waits for it ends."""
        task = asyncio.create_task(poller.stop())
        self._draining.add(task)
        task.add_done_callback(self._draining.discard)

    async def _drained(self) -> None:
        while self._draining:
            await asyncio.wait(self._draining)

    async def _run(self, tried: asyncio.Event) -> None:
        """Wait for topic and brokers, start the pollers and look after them. ``tried`` is set after the first try."""
        try:
            kafka, partitions = await self._until_prepared(tried)
            scaler = Scaler(self.config.pollers, partitions)
            build = self._poller_builder(kafka)
            watch = TopicWatch(self.config.topic, kafka)
            self.metrics.last_result = "No records processed"
            for _ in range(scaler.wanted):
                self._pollers.append(build())
                self._pollers[-1].start()
        finally:
            tried.set()
        watching = asyncio.create_task(self._watch_topic(watch))
        try:
            await self._look_after(scaler, build)
        finally:
            watching.cancel()
            self._topic_is_gone = False

    async def _until_prepared(self, tried: asyncio.Event) -> tuple[dict[str, Any], int]:
        while True:
            try:
                return await in_thread(self._prepare, "position")
            except (TopicNotReadyError, SecurityError, InvalidMappingError) as error:
                if f"PROBLEM: {error}" != self.metrics.last_result:
                    _LOG.warning("%s: %s", self.name, error)
                self.metrics.problem(str(error))
                tried.set()
                await asyncio.sleep(_POLL_SECONDS)

    def _prepare(self) -> tuple[dict[str, Any], int]:
        """The client's settings, and the topic's number of partitions once the group has its starting position."""
        kafka = self._around.cluster.settings(self.config)
        return kafka, settle_position(self.config, self.group, kafka)

    def _poller_builder(self, kafka: dict[str, Any]) -> Callable[[], Poller]:
        config, around = self.config, self._around
        envelope = Envelope(config, kafka["bootstrap.servers"])
        destination = open_destination(config.on_failure, self.uuid, kafka) if config.on_failure else None

        def build() -> Poller:
            limit = AdaptiveLimit(PER_POLLER if config.pollers else ON_DEMAND)
            processor = Processor(
                config,
                self.target.name,
                self.target.arn,
                envelope,
                around.sender,
                destination,
                listener=self.metrics,
                backoff=around.backoff,
                limit=limit,
            )
            return Poller(config, envelope, self.group, kafka, processor, limit, self.metrics, around.pace)

        return build

    async def _watch_topic(self, watch: TopicWatch) -> None:
        """Say that the topic is gone, and begin anew in one that was made under its name."""
        while True:
            if await in_thread(watch.has_changed, "topic"):
                _LOG.warning("%s: the topic %s was made again: reading its beginning", self.name, self.config.topic)
                for poller in self._pollers:
                    poller.start_over()
            if self._topic_is_gone is watch.exists:
                self._topic_is_gone = not watch.exists
                _LOG.warning("%s: %s", self.name, "the topic is gone" if self._topic_is_gone else "the topic is back")
            await asyncio.sleep(_TOPIC_SECONDS)

    async def _look_after(self, scaler: Scaler, build: Callable[[], Poller]) -> None:
        """Replace pollers that ended by themselves, scale, and keep the lag's metric up to date."""
        due = time.monotonic() + INTERVAL_SECONDS
        was_busy = False
        while True:
            await asyncio.sleep(_POLL_SECONDS)
            for poller in [each for each in self._pollers if each.has_ended]:
                self.metrics.problem(f"The poller ended: {await poller.wait_ended()}")
                _LOG.warning("%s: a poller ended and is started again: %s", self.name, await poller.wait_ended())
                self._pollers.remove(poller)
            was_busy = was_busy or any(poller.busy for poller in self._pollers)
            if time.monotonic() >= due:
                scaler.interval(busy=was_busy)
                due, was_busy = time.monotonic() + INTERVAL_SECONDS, False
            while len(self._pollers) < scaler.wanted:
                self._pollers.append(build())
                self._pollers[-1].start()
            while len(self._pollers) > scaler.wanted:
                self._retire(self._pollers.pop())
                await self._drained()
            self.metrics.lagging(self.lag)
