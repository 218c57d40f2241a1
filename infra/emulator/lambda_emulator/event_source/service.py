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
from lambda_emulator.event_source.config import MappingConfig, outline, read_config
from lambda_emulator.event_source.kafka.cluster import Cluster
from lambda_emulator.event_source.lifecycle import SETTLED, Target
from lambda_emulator.event_source.mapping import Dependencies, EventSourceMapping
from lambda_emulator.event_source.metrics import Metrics
from lambda_emulator.event_source.poller import DrainTimeouts
from lambda_emulator.event_source.sqs import config as sqs
from lambda_emulator.event_source.sqs.mapping import QueueMapping
from lambda_emulator.event_source.values import InvalidMappingError
from lambda_emulator.stack import EventSource, Function, Stack, split_reference

_NAMESPACE = uuid.UUID("7d0e5b7e-4a0c-5b5c-9f0e-2f1d4c1d7a11")  # of UUIDs that are made of names


Config = MappingConfig | sqs.QueueConfig
Mappings = EventSourceMapping | QueueMapping


class MappingNotFoundError(LookupError):
    """There is no such mapping."""


class FunctionUnknownError(LookupError):
    """The stack has no such function."""


class MappingConflictError(RuntimeError):
    """There is a mapping that leaves no room for this one: the text says which, and what to do."""


class MappingInUseError(RuntimeError):
    """The mapping is on its way to another state."""


class EventSourceService:
    """An async context manager: mappings run from entry to exit, which lets batches on their way end.

    ``bootstrap_servers`` and ``kafka_config`` are those of ``cluster.Cluster``, ``lambda_endpoint`` is where
    functions are called (None: AWS). A mapping of the stack that AWS would refuse is Failed, and the others run.
    Raises InvalidMappingError where nobody says which brokers a mapping reads from.
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
        self._configs = [(source, *_read(source)) for source in stack.event_sources]
        self._cluster = Cluster(bootstrap_servers, kafka_config or {})
        for _, config, refusal in self._configs:
            if refusal is None and isinstance(config, MappingConfig):
                self._cluster.servers(config)
        self.metrics = Metrics()
        self._around = Dependencies(
            self._cluster,
            sender or LambdaSender(lambda_endpoint),
            self.metrics,
            pace or DrainTimeouts(),
            backoff or Backoff(),
        )
        self.mappings: dict[str, Mappings] = {}
        self.warnings = [
            f"{source.logical_id}: {warning}" for source, config, _ in self._configs for warning in config.warnings
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
        for source, config, refusal in self._configs:
            function = self._stack.functions[source.function]
            target = Target(function.name, function.arn, function.timeout_seconds)
            # The same at every start, so that the consumer group is the same and reading goes on where it ended.
            identity = str(uuid.uuid5(_NAMESPACE, f"{target.arn}/{source.logical_id}/{config.source_name}"))
            if refusal is None and isinstance(config, MappingConfig):
                try:
                    self._refuse_taken_group(config, config.consumer_group)
                except MappingConflictError as error:
                    refusal = str(error)
            self._add(identity, source.logical_id, target, config, refusal)

    async def ready(self) -> None:
        """Wait until every mapping is Enabled, Disabled or Failed. One whose topic is missing waits for the topic."""
        await asyncio.gather(*(mapping.settled() for mapping in self.mappings.values()))

    async def stop(self) -> None:
        """Let batches on their way end (see ``DrainTimeouts.drain``), commit what was done, leave the groups."""
        mappings, self.mappings = list(self.mappings.values()), {}
        await asyncio.gather(*(mapping.stop() for mapping in mappings))
        self._around.sender.close()

    def status(self) -> list[dict[str, Any]]:
        """One table of state, lag and counts for each mapping."""
        return [status(mapping) for mapping in list(self.mappings.values())]

    def get(self, identity: str) -> Mappings:
        """Raises MappingNotFoundError."""
        try:
            return self.mappings[identity]
        except KeyError:
            raise MappingNotFoundError(identity) from None

    def create(self, reference: str, properties: Mapping[str, Any]) -> Mappings:
        """Add a mapping. Raises InvalidMappingError, FunctionUnknownError, MappingConflictError."""
        # A template may have an ARN that only AWS could resolve; a call has no such excuse.
        if not properties.get("EventSourceArn") and not properties.get("SelfManagedEventSource"):
            raise InvalidMappingError("Unrecognized event source.")
        config = _settings(properties)
        if isinstance(config, MappingConfig):
            self._cluster.servers(config)
        target = self.target(reference)
        for existing in self.mappings.values():
            if existing.target == target and _source(existing.config) == _source(config):
                raise MappingConflictError(
                    "An event source mapping with this event source and function already exists. "
                    f"Please update or delete the existing mapping with UUID {existing.uuid}"
                )
        if isinstance(config, MappingConfig):
            self._refuse_taken_group(config, config.consumer_group)
        identity = str(uuid.uuid4())
        return self._add(identity, identity, target, config)

    def update(self, identity: str, reference: str | None, properties: Mapping[str, Any]) -> Mappings:
        """Change some properties of a mapping.

        Raises InvalidMappingError, FunctionUnknownError, MappingNotFoundError, MappingInUseError,
        MappingConflictError.
        """
        mapping = self.get(identity)
        if mapping.state not in SETTLED:
            raise MappingInUseError(identity)
        changed = {**mapping.config.properties, **properties}
        target = self.target(reference) if reference else mapping.target
        if isinstance(mapping, QueueMapping):
            mapping.change(target, sqs.read_queue_config(changed))
            return mapping
        config = read_config(changed)
        if config.consumer_group not in (mapping.config.consumer_group, mapping.group):
            raise InvalidMappingError("ConsumerGroupId cannot be changed.")
        self._refuse_taken_group(config, mapping.group, mapping)
        mapping.change(target, config)
        return mapping

    def delete(self, identity: str) -> Mappings:
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
                return Target(function.name + suffix, function.arn + suffix, function.timeout_seconds)
        raise FunctionUnknownError(reference)

    def _add(self, identity: str, name: str, target: Target, config: Config, refusal: str | None = None) -> Mappings:
        around = self._around
        if isinstance(config, MappingConfig):
            self.mappings[identity] = EventSourceMapping(identity, name, target, config, around, refusal=refusal)
        else:
            self.mappings[identity] = QueueMapping(
                identity,
                name,
                target,
                config,
                around.metrics,
                around.sender,
                around.backoff,
                around.pace,
                refusal=refusal,
            )
        return self.mappings[identity]

    def _refuse_taken_group(
        self, config: MappingConfig, group: str | None, changed: EventSourceMapping | None = None
    ) -> None:
        """Two mappings in one group would share the records: each would miss those that the other gets.

        Mirrors "Customizable consumer group ID" of the Lambda Developer Guide: the id is unique among all Kafka event
        sources. Raises MappingConflictError.
        """
        for existing in self.mappings.values():
            if isinstance(existing, QueueMapping) or existing is changed:
                continue
            if existing.refusal is not None or existing.group != group:
                continue
            if self._cluster.is_shared(existing.config, config):
                raise MappingConflictError(
                    f"The consumer group ID {group} is that of the event source mapping with UUID {existing.uuid} "
                    f"({existing.name}); it must be unique among all Kafka event sources."
                )


def _settings(properties: Mapping[str, Any]) -> Config:
    """Raises InvalidMappingError."""
    return sqs.read_queue_config(properties) if sqs.is_queue(properties) else read_config(properties)


def _read(source: EventSource) -> tuple[Config, str | None]:
    """The settings, or what there is of them and why AWS would refuse them."""
    try:
        return _settings(source.properties), None
    except InvalidMappingError as error:
        if source.kind == "SQS":
            return sqs.outline(source.properties), error.detail
        return outline(source.kind, source.properties), error.detail


def _source(config: Config) -> tuple[str, str | None, tuple[str, ...]]:
    return config.source_name, config.event_source_arn, config.endpoints if isinstance(config, MappingConfig) else ()


def _has(function: Function, qualifier: str) -> bool:
    return function.executed_version(qualifier) is not None
