"""A mapping in the words of the Lambda API (``EventSourceMappingConfiguration``) and of ``esm status``."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from lambda_emulator.arn import Arn
from lambda_emulator.event_source.mapping import EventSourceMapping
from lambda_emulator.event_source.sqs.mapping import QueueMapping

_AS_GIVEN = (
    "EventSourceArn",
    "FilterCriteria",
    "DestinationConfig",
    "Topics",
    "SourceAccessConfigurations",
    "ProvisionedPollerConfig",
    "MetricsConfig",
    "LoggingConfig",
    "KMSKeyArn",
)


def configuration(mapping: EventSourceMapping | QueueMapping) -> dict[str, Any]:
    """An ``EventSourceMappingConfiguration``."""
    properties = mapping.config.properties
    arn = replace(Arn.parse(mapping.target.arn), resource=f"event-source-mapping:{mapping.uuid}")
    return {
        "UUID": mapping.uuid,
        "EventSourceMappingArn": str(arn),
        **{name: properties[name] for name in _AS_GIVEN if properties.get(name) is not None},
        "FunctionArn": mapping.target.arn,
        "BatchSize": mapping.config.batch_size,
        "FunctionResponseTypes": ["ReportBatchItemFailures"] if mapping.config.report_item_failures else [],
        "LastModified": round(mapping.modified, 3),
        "State": mapping.state.value,
        "StateTransitionReason": mapping.refusal or "USER_INITIATED",
        **(_of_queue(mapping) if isinstance(mapping, QueueMapping) else _of_topic(mapping)),
    }


def _of_queue(mapping: QueueMapping) -> dict[str, Any]:
    concurrency = mapping.config.maximum_concurrency
    return {
        "MaximumBatchingWindowInSeconds": int(mapping.config.window_seconds),
        **({} if concurrency is None else {"ScalingConfig": {"MaximumConcurrency": concurrency}}),
    }


def _of_topic(mapping: EventSourceMapping) -> dict[str, Any]:
    config = mapping.config
    group_key = "AmazonManagedKafkaEventSourceConfig" if config.kind == "MSK" else "SelfManagedKafkaEventSourceConfig"
    content: dict[str, Any] = {
        group_key: {"ConsumerGroupId": mapping.group},
        "StartingPosition": config.starting_position,
        "MaximumRetryAttempts": config.maximum_retry_attempts,
        "MaximumRecordAgeInSeconds": config.maximum_record_age_seconds,
        "BisectBatchOnFunctionError": config.bisect_on_error,
        "LastProcessingResult": mapping.last_result,
    }
    if config.endpoints:
        content["SelfManagedEventSource"] = {"Endpoints": {"KAFKA_BOOTSTRAP_SERVERS": list(config.endpoints)}}
    if config.properties.get("MaximumBatchingWindowInSeconds") is not None:
        content["MaximumBatchingWindowInSeconds"] = int(config.window_seconds)
    if config.starting_timestamp is not None:
        content["StartingPositionTimestamp"] = config.starting_timestamp
    return content


def status(mapping: EventSourceMapping | QueueMapping) -> dict[str, Any]:
    """What there is to know of a mapping at work: state, partitions, lag and counts."""
    place: dict[str, Any] = {"queue": mapping.config.source_name}
    if isinstance(mapping, EventSourceMapping):
        place = {
            "topic": mapping.config.topic,
            "consumer_group": mapping.group,
            "pollers": mapping.pollers,
            "partitions": mapping.partitions,
            "lag": sum(mapping.lag.values()),
        }
    return {
        "name": mapping.name,
        "uuid": mapping.uuid,
        "function": mapping.target.name,
        **place,
        "state": mapping.state.value,
        "last_result": mapping.last_result,
        **mapping.metrics.counts,
        "lost": dict(mapping.metrics.lost),
    }
