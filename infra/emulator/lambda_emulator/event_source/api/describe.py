"""A mapping in the words of the Lambda API (``EventSourceMappingConfiguration``) and of ``esm status``."""

from __future__ import annotations

from typing import Any

from lambda_emulator.event_source.mapping import EventSourceMapping
from lambda_emulator.stack import ACCOUNT_ID, REGION

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


def configuration(mapping: EventSourceMapping) -> dict[str, Any]:
    """An ``EventSourceMappingConfiguration``."""
    config = mapping.config
    given = {name: config.properties[name] for name in _AS_GIVEN if config.properties.get(name) is not None}
    group_key = "AmazonManagedKafkaEventSourceConfig" if config.kind == "MSK" else "SelfManagedKafkaEventSourceConfig"
    content: dict[str, Any] = {
        "UUID": mapping.uuid,
        "EventSourceMappingArn": f"arn:aws:lambda:{REGION}:{ACCOUNT_ID}:event-source-mapping:{mapping.uuid}",
        **given,
        group_key: {"ConsumerGroupId": mapping.group},
        "FunctionArn": mapping.target.arn,
        "StartingPosition": config.starting_position,
        "BatchSize": config.batch_size,
        "MaximumRetryAttempts": config.maximum_retry_attempts,
        "MaximumRecordAgeInSeconds": config.maximum_record_age_seconds,
        "BisectBatchOnFunctionError": config.bisect_on_error,
        "FunctionResponseTypes": ["ReportBatchItemFailures"] if config.report_item_failures else [],
        "LastModified": round(mapping.modified, 3),
        "LastProcessingResult": mapping.last_result,
        "State": mapping.state.value,
        "StateTransitionReason": mapping.refusal or "USER_INITIATED",
    }
    if config.endpoints:
        content["SelfManagedEventSource"] = {"Endpoints": {"KAFKA_BOOTSTRAP_SERVERS": list(config.endpoints)}}
    if config.properties.get("MaximumBatchingWindowInSeconds") is not None:
        content["MaximumBatchingWindowInSeconds"] = int(config.window_seconds)
    if config.starting_timestamp is not None:
        content["StartingPositionTimestamp"] = config.starting_timestamp
    return content


def status(mapping: EventSourceMapping) -> dict[str, Any]:
    """What there is to know of a mapping at work: state, partitions, lag and counts."""
    return {
        "name": mapping.name,
        "uuid": mapping.uuid,
        "function": mapping.target.name,
        "topic": mapping.config.topic,
        "consumer_group": mapping.group,
        "state": mapping.state.value,
        "last_result": mapping.last_result,
        "pollers": mapping.pollers,
        "partitions": mapping.partitions,
        "lag": sum(mapping.lag.values()),
        **mapping.metrics.counts,
        "lost": dict(mapping.metrics.lost),
    }
