"""All event source mappings of a stack, and those that the Lambda API adds."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

from lambda_emulator.event_source.api.describe import status
from lambda_emulator.event_source.batches.backoff import Backoff
from lambda_emulator.event_source.batches.sender import LambdaSender, Sender
from lambda_emulator.event_source.config import MappingConfig, read_config
from lambda_emulator.event_source.kafka.cluster import Cluster
from lambda_emulator.event_source.mapping import SETTLED, Dependencies, EventSourceMapping, Target
from lambda_emulator.event_source.metrics import Metrics
from lambda_emulator.event_source.poller import DrainTimeouts
from lambda_emulator.event_source.values import InvalidMappingError
from lambda_emulator.stack import EventSource, Function, Stack, split_reference

_NAMESPACE = uuid.UUID("7d0e5b7e-4a0c-5b5c-9f0e-2f1d4c1d7a11")  # of UUIDs that are made of names


class MappingNotFoundError(LookupError):
    """There is no such mapping."""


class FunctionUnknownError(LookupError):
    """The stack has no such function."""


class MappingConflictError(RuntimeError):
    """There is a mapping of this source to this function already; ``uuid`` is its."""

    def __init__(self, existing: str) -> None:
        super().__init__(existing)
        self.uuid = existing


class MappingInUseError(RuntimeError):
    """The mapping is on its way to another state."""


class EventSourceService:
    """An async context manager: mappings run from entry to exit, which lets batches on their way end.

    ``bootstrap_servers`` and ``kafka_config`` are those of ``cluster.Cluster``, ``lambda_endpoint`` is where
    functions are called (None: AWS). Raises InvalidMappingError for a mapping of the stack that AWS would refuse.
    """

    def __init__(
        self,
        stack: Stack,
        *,
        bootstrap_servers: str | None = None,
        lambda_endpoint: str | None = None,
        kafka_config: Mapping[str, str] | None = None,
        sender: Sender | None = None,
        pace: DrainTimeouts | None = None,
        backoff: Backoff | None = None,
    ) -> None:
        self._stack = stack
        self._configs = [(source, _read(source)) for source in stack.event_sources]
        self._cluster = Cluster(bootstrap_servers, kafka_config or {})
        for _, config in self._configs:
            self._cluster.servers(config)
        self.metrics = Metrics()
        self._around = Dependencies(
            self._cluster,
            sender or LambdaSender(lambda_endpoint),
            self.metrics,
            pace or DrainTimeouts(),
            backoff or Backoff(),
        )
        self.mappings: dict[str, EventSourceMapping] = {}
        self.warnings = [
            f"{source.logical_id}: {warning}" for source, config in self._configs for warning in config.warnings
        ]

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def start(self) -> None:
        """Start the stack's mappings. They come to Enabled in the background; ``ready`` waits for it."""
        for source, config in self._configs:
            function = self._stack.functions[source.function]
            target = Target(function.name, function.arn)
            # The same at every start, so that the consumer group is the same and reading goes on where it ended.
            identity = str(uuid.uuid5(_NAMESPACE, f"{target.arn}/{source.logical_id}/{config.topic}"))
            self._add(identity, source.logical_id, target, config)

    async def ready(self) -> None:
        """Wait until every mapping is Enabled or Disabled. One whose topic is missing waits for the topic."""
        await asyncio.gather(*(mapping.settled() for mapping in self.mappings.values()))

    async def stop(self) -> None:
        """Let batches on their way end (see ``DrainTimeouts.drain``), commit what was done, leave the groups."""
        mappings, self.mappings = list(self.mappings.values()), {}
        await asyncio.gather(*(mapping.stop() for mapping in mappings))
        self._around.sender.close()

    def status(self) -> list[dict[str, Any]]:
        """One table of state, lag and counts for each mapping."""
        return [status(mapping) for mapping in list(self.mappings.values())]

    def get(self, identity: str) -> EventSourceMapping:
        """Raises MappingNotFoundError."""
        try:
            return self.mappings[identity]
        except KeyError:
            raise MappingNotFoundError(identity) from None

    def create(self, reference: str, properties: Mapping[str, Any]) -> EventSourceMapping:
        """Add a mapping. Raises InvalidMappingError, FunctionUnknownError, MappingConflictError."""
        # A template may have an ARN that only AWS could resolve; a call has no such excuse.
        if not properties.get("EventSourceArn") and not properties.get("SelfManagedEventSource"):
            raise InvalidMappingError("Unrecognized event source.")
        config = read_config(properties)
        self._cluster.servers(config)
        target = self.target(reference)
        for existing in self.mappings.values():
            if existing.target == target and _source(existing.config) == _source(config):
                raise MappingConflictError(existing.uuid)
        identity = str(uuid.uuid4())
        return self._add(identity, identity, target, config)

    def update(self, identity: str, reference: str | None, properties: Mapping[str, Any]) -> EventSourceMapping:
        """Change some properties of a mapping.

        Raises InvalidMappingError, FunctionUnknownError, MappingNotFoundError, MappingInUseError.
        """
        mapping = self.get(identity)
        if mapping.state not in SETTLED:
            raise MappingInUseError(identity)
        config = read_config({**mapping.config.properties, **properties})
        if config.consumer_group not in (mapping.config.consumer_group, mapping.group):
            raise InvalidMappingError("ConsumerGroupId cannot be changed.")
        mapping.change(self.target(reference) if reference else mapping.target, config)
        return mapping

    def delete(self, identity: str) -> EventSourceMapping:
        """Remove a mapping. Raises MappingNotFoundError, MappingInUseError."""
        mapping = self.get(identity)
        if mapping.state not in SETTLED:
            raise MappingInUseError(identity)
        mapping.delete().add_done_callback(lambda _: self.mappings.pop(identity, None))
        return mapping

    def target(self, reference: str) -> Target:
        """The function that a name, a logical id or a full or partial ARN means. Raises FunctionUnknownError."""
        name, qualifier = split_reference(reference)
        for function in self._stack.functions.values():
            if function.is_called(name) and _has(function, qualifier):
                suffix = f":{qualifier}" if qualifier else ""
                return Target(function.name + suffix, function.arn + suffix)
        raise FunctionUnknownError(reference)

    def _add(self, identity: str, name: str, target: Target, config: MappingConfig) -> EventSourceMapping:
        mapping = EventSourceMapping(identity, name, target, config, self._around)
        self.mappings[identity] = mapping
        return mapping


def _read(source: EventSource) -> MappingConfig:
    try:
        return read_config(source.properties)
    except InvalidMappingError as error:
        raise InvalidMappingError(f"{source.logical_id}: {error}", error.code) from None


def _source(config: MappingConfig) -> tuple[str, str | None, tuple[str, ...]]:
    return config.topic, config.event_source_arn, config.endpoints


def _has(function: Function, qualifier: str) -> bool:
    return qualifier in ("", "$LATEST", *function.aliases)
