"""The settings of a mapping of an SQS queue, checked against AWS's limits.

Mirrors ``CreateEventSourceMapping`` of the Lambda API Reference and "Creating and configuring an Amazon SQS event
source mapping" of the Lambda Developer Guide.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from lambda_emulator.event_source.sqs.filters import MessageFilters
from lambda_emulator.event_source.values import InvalidMappingError, Properties

FIFO_BATCH = 10
_LARGE_BATCH = 10  # beyond it a batching window is asked for
_NOT_FOR_QUEUES = (
    "AmazonManagedKafkaEventSourceConfig",
    "BisectBatchOnFunctionError",
    "ConsumerGroupId",
    "DestinationConfig",
    "DocumentDBEventSourceConfig",
    "MaximumRecordAgeInSeconds",
    "MaximumRetryAttempts",
    "ParallelizationFactor",
    "Queues",
    "SelfManagedEventSource",
    "SelfManagedKafkaEventSourceConfig",
    "SourceAccessConfigurations",
    "StartingPosition",
    "StartingPositionTimestamp",
    "Topics",
    "TumblingWindowInSeconds",
)


@dataclass(frozen=True, slots=True)
class QueueConfig:
    """One mapping. ``properties`` is what it was made from, for those who ask what it is."""

    event_source_arn: str
    enabled: bool = True
    batch_size: int = 10
    window_seconds: float = 0.0
    filters: MessageFilters = field(default_factory=MessageFilters)
    report_item_failures: bool = False
    maximum_concurrency: int | None = None
    properties: Mapping[str, Any] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()

    @property
    def source_name(self) -> str:
        """The queue."""
        return self.event_source_arn.rpartition(":")[2]

    @property
    def is_fifo(self) -> bool:
        return self.source_name.endswith(".fifo")


def is_queue(properties: Mapping[str, Any]) -> bool:
    """Whether a mapping with these properties reads from an SQS queue."""
    parts = str(properties.get("EventSourceArn") or "").split(":")
    return len(parts) == 6 and parts[2] == "sqs"


def read_queue_config(properties: Mapping[str, Any]) -> QueueConfig:
    """The settings that these properties mean. Raises InvalidMappingError."""
    given = Properties(properties)
    config = QueueConfig(
        event_source_arn=given.text("EventSourceArn") or "",
        enabled=given.flag("Enabled", True),
        batch_size=given.integer("BatchSize", 1, 10_000, 10),
        window_seconds=given.integer("MaximumBatchingWindowInSeconds", 0, 300, 0),
        filters=MessageFilters.read(given.table("FilterCriteria")),
        report_item_failures=_reports_failures(given),
        maximum_concurrency=_concurrency(given),
        properties=dict(properties),
        warnings=tuple(_warnings(given)),
    )
    if config.is_fifo and config.batch_size > FIFO_BATCH:
        raise InvalidMappingError(
            f"Batch size {config.batch_size} exceeds the maximum of {FIFO_BATCH} for FIFO queues."
        )
    if config.is_fifo and config.window_seconds:
        raise InvalidMappingError("Batching window is not supported for FIFO queues.")
    if config.batch_size > _LARGE_BATCH and config.window_seconds < 1:
        raise InvalidMappingError(
            "Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10"
        )
    return config


def outline(properties: Mapping[str, Any]) -> QueueConfig:
    """What can be said of a mapping that ``read_queue_config`` refuses: enough to show it, never to run it."""
    return QueueConfig(str(properties.get("EventSourceArn")), enabled=False, properties=dict(properties))


def _reports_failures(given: Properties) -> bool:
    types = given.list("FunctionResponseTypes", 1)
    if any(kind != "ReportBatchItemFailures" for kind in types):
        raise InvalidMappingError("FunctionResponseTypes can only have ReportBatchItemFailures.")
    return bool(types)


def _concurrency(given: Properties) -> int | None:
    scaling = given.table("ScalingConfig")
    if scaling.get("MaximumConcurrency") is None:
        return None
    if given.get("ProvisionedPollerConfig"):
        raise InvalidMappingError("ScalingConfig and ProvisionedPollerConfig cannot be specified together.")
    return scaling.integer("MaximumConcurrency", 2, 1_000, 2)


def _warnings(given: Properties) -> Iterator[str]:
    """What is not done here, or not for queues, although it was asked for."""
    if foreign := [name for name in _NOT_FOR_QUEUES if given.get(name) not in (None, [], False)]:
        yield f"{', '.join(foreign)}: not for SQS, and passed over"
    if given.get("ProvisionedPollerConfig"):
        yield "ProvisionedPollerConfig: one local poller reads the queue, as fast as the function allows"
    if given.get("LoggingConfig") is not None:
        yield "LoggingConfig: passed over; start-esm logs to its own output (--log-file, --debug)"
