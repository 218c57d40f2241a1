"""The settings of one event source mapping, checked against AWS's limits.

Mirrors ``CreateEventSourceMapping`` of the Lambda API Reference and ``AWS::Lambda::EventSourceMapping`` of the
CloudFormation template reference, as far as they concern Kafka; the two spell their properties alike.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Literal

from lambda_emulator.arn import Arn
from lambda_emulator.event_source.batches.filters import Filters
from lambda_emulator.event_source.values import InvalidMappingError, Properties

Kind = Literal["MSK", "SelfManagedKafka"]
StartingPosition = Literal["TRIM_HORIZON", "LATEST", "AT_TIMESTAMP"]

DEFAULT_WINDOW = 0.5  # seconds; what no setting can ask for, but no setting means
RETRIES_WITH_DESTINATION = 10  # "infinite" retries end here where a destination waits for the records
_ARN = r"arn:aws[a-zA-Z0-9-]*:[a-zA-Z0-9-]+:[a-z0-9-]*:(\d{12})?:.+"
_TOPIC = re.compile(r"[^.][a-zA-Z0-9\-_.]*")
_DESTINATION = re.compile(rf"kafka://[^.][a-zA-Z0-9\-_.]{{0,248}}|{_ARN}")
_DESTINATION_SERVICES = ("sqs", "sns", "s3")
_PROVISIONED_ONLY = (
    "MaximumRetryAttempts",
    "MaximumRecordAgeInSeconds",
    "BisectBatchOnFunctionError",
    "FunctionResponseTypes",
)
_SOURCE_CONFIGS = ("AmazonManagedKafkaEventSourceConfig", "SelfManagedKafkaEventSourceConfig")
_NOT_FOR_KAFKA = (
    "DocumentDBEventSourceConfig",
    "ParallelizationFactor",
    "Queues",
    "ScalingConfig",
    "TumblingWindowInSeconds",
)


@dataclass(frozen=True, slots=True)
class PollerLimits:
    """``ProvisionedPollerConfig``: between how many pollers the mapping may scale."""

    minimum: int = 1
    maximum: int = 200


@dataclass(frozen=True, slots=True)
class MappingConfig:
    """One mapping. ``properties`` is what it was made from, for those who ask what it is."""

    kind: Kind
    topic: str
    event_source_arn: str | None = None
    endpoints: tuple[str, ...] = ()
    consumer_group: str | None = None
    enabled: bool = True
    batch_size: int = 100
    window_seconds: float = DEFAULT_WINDOW
    starting_position: StartingPosition = "TRIM_HORIZON"
    starting_timestamp: float | None = None  # seconds since the epoch
    filters: Filters = field(default_factory=Filters)
    maximum_retry_attempts: int = -1
    maximum_record_age_seconds: int = -1
    bisect_on_error: bool = False
    report_item_failures: bool = False
    on_failure: str | None = None
    pollers: PollerLimits | None = None  # None: on-demand mode
    access: tuple[tuple[str, str], ...] = ()  # SourceAccessConfigurations, type and URI
    properties: Mapping[str, Any] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()

    @property
    def source_name(self) -> str:
        return self.topic

    @property
    def retries(self) -> int:
        """How often a failed batch is sent again; -1 means for ever."""
        if self.maximum_retry_attempts == -1 and self.on_failure:
            return RETRIES_WITH_DESTINATION
        return self.maximum_retry_attempts


def read_config(properties: Mapping[str, Any]) -> MappingConfig:
    """The settings that these properties mean. Raises InvalidMappingError."""
    given = Properties(properties)
    kind, endpoints, group = _source(given)
    position, timestamp = _position(given)
    topic = _topic(given)
    on_failure = _on_failure(given, topic)
    pollers = _pollers(given)
    _check_metrics(given)
    return MappingConfig(
        kind=kind,
        topic=topic,
        event_source_arn=given.text("EventSourceArn") if kind == "MSK" else None,
        endpoints=endpoints,
        consumer_group=group,
        enabled=given.flag("Enabled", True),
        batch_size=given.integer("BatchSize", 1, 10_000, 100),
        window_seconds=_window(given),
        starting_position=position,
        starting_timestamp=timestamp,
        filters=Filters.read(given.table("FilterCriteria")),
        maximum_retry_attempts=given.integer("MaximumRetryAttempts", -1, 10_000, -1),
        maximum_record_age_seconds=_record_age(given),
        bisect_on_error=given.flag("BisectBatchOnFunctionError", False),
        report_item_failures=_reports_failures(given),
        on_failure=on_failure,
        pollers=pollers,
        access=tuple(
            (str(each.get("Type")), str(each.get("URI"))) for each in given.tables("SourceAccessConfigurations", 23)
        ),
        properties=dict(properties),
        warnings=tuple(_warnings(given, pollers)),
    )


def _warnings(given: Properties, pollers: PollerLimits | None) -> Iterator[str]:
    """What is not done here, or not done on AWS, although it was asked for."""
    if pollers is None and (used := [name for name in _PROVISIONED_ONLY if given.get(name) not in (None, [], False)]):
        yield f"{', '.join(used)}: on AWS, only together with ProvisionedPollerConfig"
    if foreign := [name for name in _NOT_FOR_KAFKA if given.get(name) is not None]:
        yield f"{', '.join(foreign)}: not for Kafka, and passed over"
    if given.table("ProvisionedPollerConfig").get("PollerGroupName"):
        yield "ProvisionedPollerConfig.PollerGroupName: local pollers are not shared; the mapping has its own"
    if given.get("LoggingConfig") is not None:
        yield "LoggingConfig: passed over; start-esm logs to its own output (--log-file, --debug)"
    for name in _SOURCE_CONFIGS:
        if given.table(name).get("SchemaRegistryConfig"):
            yield f"{name}.SchemaRegistryConfig: no schema registry is asked; functions get records as they are"


def _check_metrics(given: Properties) -> None:
    """``MetricsConfig`` chooses what AWS publishes. Here /metrics has all of it, always."""
    for metric in given.table("MetricsConfig").list("Metrics", 3):
        if metric not in ("EventCount", "ErrorCount", "KafkaMetrics"):
            raise InvalidMappingError(f"MetricsConfig knows EventCount, ErrorCount and KafkaMetrics, not {metric!r}.")


def outline(kind: Kind, properties: Mapping[str, Any]) -> MappingConfig:
    """What can be said of a mapping that ``read_config`` refuses: enough to show it, never to run it."""
    given = Properties(properties)
    endpoints: tuple[str, ...] = ()
    group = None
    with suppress(InvalidMappingError):
        _, endpoints, group = _source(given)
    topics = given.get("Topics")
    topic = str(topics[0]) if isinstance(topics, list) and topics else ""
    arn = given.get("EventSourceArn")
    return MappingConfig(
        kind, topic, str(arn) if arn else None, endpoints, group, enabled=False, properties=dict(properties)
    )


def _source(given: Properties) -> tuple[Kind, tuple[str, ...], str | None]:
    if given.get("SelfManagedEventSource") is None:
        return "MSK", (), given.table("AmazonManagedKafkaEventSourceConfig").text("ConsumerGroupId", 1, 200)
    if given.get("EventSourceArn"):
        raise InvalidMappingError("EventSourceArn and SelfManagedEventSource cannot be specified together.")
    endpoints = given.table("SelfManagedEventSource").table("Endpoints")
    # The one name that the API and CloudFormation spell differently.
    names = ("KAFKA_BOOTSTRAP_SERVERS", "KafkaBootstrapServers")
    servers = [str(server) for name in names for server in endpoints.list(name, 10)]
    if not servers:
        raise InvalidMappingError("SelfManagedEventSource needs between 1 and 10 KAFKA_BOOTSTRAP_SERVERS.")
    own = given.table("SelfManagedKafkaEventSourceConfig")
    if own.get("ConsumptionMode") == "Queue":
        raise InvalidMappingError("ConsumptionMode Queue (share groups) is not available locally; use Stream.")
    return "SelfManagedKafka", tuple(servers), own.text("ConsumerGroupId", 1, 200)


def _topic(given: Properties) -> str:
    topics = given.list("Topics", 1)
    if len(topics) != 1:
        raise InvalidMappingError("Topics must have exactly one entry.")
    name = str(topics[0])
    if len(name) > 249 or not _TOPIC.fullmatch(name):
        raise InvalidMappingError(f"{name!r} is no name of a Kafka topic.")
    return name


def _position(given: Properties) -> tuple[StartingPosition, float | None]:
    position = given.choice("StartingPosition", ("LATEST", "AT_TIMESTAMP", "TRIM_HORIZON"))
    timestamp = given.seconds("StartingPositionTimestamp")
    if position == "AT_TIMESTAMP":
        if timestamp is None:
            raise InvalidMappingError("StartingPositionTimestamp is required with StartingPosition AT_TIMESTAMP.")
        if timestamp > time.time():
            raise InvalidMappingError("StartingPositionTimestamp cannot be in the future.")
        return "AT_TIMESTAMP", timestamp
    if timestamp is not None:
        raise InvalidMappingError("Timestamp only valid with StartingPosition AT_TIMESTAMP")
    return ("LATEST" if position == "LATEST" else "TRIM_HORIZON"), None


def _window(given: Properties) -> float:
    if given.get("MaximumBatchingWindowInSeconds") is None:
        return DEFAULT_WINDOW
    return float(given.integer("MaximumBatchingWindowInSeconds", 0, 300, 0))


def _record_age(given: Properties) -> int:
    age = given.integer("MaximumRecordAgeInSeconds", -1, 604_800, -1)
    if age != -1 and age < 60:
        raise InvalidMappingError("MaximumRecordAgeInSeconds must be -1, or between 60 and 604800.")
    return age


def _reports_failures(given: Properties) -> bool:
    types = given.list("FunctionResponseTypes", 1)
    if any(kind != "ReportBatchItemFailures" for kind in types):
        raise InvalidMappingError("FunctionResponseTypes can only have ReportBatchItemFailures.")
    return bool(types)


def _on_failure(given: Properties, topic: str) -> str | None:
    config = given.table("DestinationConfig")
    if config.table("OnSuccess").get("Destination"):
        raise InvalidMappingError("OnSuccess is not supported for event source mappings.")
    target = config.table("OnFailure").get("Destination")
    if not target:
        return None
    target = str(target)
    if len(target) > 350 or not _DESTINATION.fullmatch(target):
        raise InvalidMappingError(f"{target!r} is neither an ARN nor kafka://topic.")
    if target.startswith("kafka://"):
        if target.removeprefix("kafka://") == topic:
            raise InvalidMappingError("The on-failure topic must not be the source topic.")
    elif Arn.parse(target).service not in _DESTINATION_SERVICES:
        raise InvalidMappingError(f"{target}: a Kafka mapping sends failed records to SQS, SNS, S3 or kafka://topic.")
    return target


def _pollers(given: Properties) -> PollerLimits | None:
    if not given.get("ProvisionedPollerConfig"):  # {} switches provisioned mode off
        return None
    limits = given.table("ProvisionedPollerConfig")
    minimum = limits.integer("MinimumPollers", 1, 200, 1)
    maximum = limits.integer("MaximumPollers", 1, 2_000, 200)
    if maximum < minimum:
        raise InvalidMappingError("MaximumPollers must be greater than or equal to MinimumPollers.")
    return PollerLimits(minimum, maximum)
