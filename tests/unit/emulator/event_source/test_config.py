from __future__ import annotations

from typing import Any

import pytest

from lambda_emulator.event_source.config import PollerLimits, outline, read_config
from lambda_emulator.event_source.values import InvalidMappingError
from support.kafka import CLUSTER_ARN

MSK = {"Topics": ["orders"], "EventSourceArn": CLUSTER_ARN}
SELF_MANAGED = {
    "Topics": ["orders"],
    "SelfManagedEventSource": {"Endpoints": {"KAFKA_BOOTSTRAP_SERVERS": ["a:9092", "b:9092"]}},
}


def test_defaults_are_those_of_aws() -> None:
    config = read_config(MSK)
    assert config.kind == "MSK"
    assert config.batch_size == 100
    assert config.window_seconds == 0.5
    assert config.retries == -1
    assert config.maximum_record_age_seconds == -1
    assert config.enabled
    assert not config.bisect_on_error
    assert not config.report_item_failures
    assert config.pollers is None


def test_a_self_managed_cluster_has_endpoints_and_no_arn() -> None:
    config = read_config(
        {**SELF_MANAGED, "SelfManagedKafkaEventSourceConfig": {"ConsumerGroupId": "mine"}, "BatchSize": "7"}
    )
    assert config.kind == "SelfManagedKafka"
    assert config.endpoints == ("a:9092", "b:9092")
    assert config.consumer_group == "mine"
    assert config.event_source_arn is None
    assert config.batch_size == 7


def test_cloudformation_spells_the_endpoints_its_own_way() -> None:
    spelled = {"SelfManagedEventSource": {"Endpoints": {"KafkaBootstrapServers": ["a:9092"]}}}
    assert read_config({**SELF_MANAGED, **spelled}).endpoints == ("a:9092",)


def test_infinite_retries_end_at_ten_where_a_destination_waits() -> None:
    on_failure = {"DestinationConfig": {"OnFailure": {"Destination": "kafka://failures"}}}
    assert read_config({**MSK, **on_failure}).retries == 10
    assert read_config({**MSK, **on_failure, "MaximumRetryAttempts": 0}).retries == 0
    assert read_config({**MSK, **on_failure, "MaximumRetryAttempts": 3}).retries == 3


def test_provisioned_mode_has_limits_and_an_empty_object_switches_it_off() -> None:
    assert read_config({**MSK, "ProvisionedPollerConfig": {"MinimumPollers": 3}}).pollers == PollerLimits(3, 200)
    assert read_config({**MSK, "ProvisionedPollerConfig": {}}).pollers is None


def test_what_needs_provisioned_mode_on_aws_is_warned_of() -> None:
    given = {**MSK, "BisectBatchOnFunctionError": True, "MaximumRetryAttempts": 3}
    [warning] = read_config(given).warnings
    assert warning.startswith("MaximumRetryAttempts, BisectBatchOnFunctionError: on AWS, only")
    assert not read_config({**given, "ProvisionedPollerConfig": {"MinimumPollers": 1}}).warnings


@pytest.mark.parametrize(
    ("given", "warned"),
    [
        (
            {"ScalingConfig": {"MaximumConcurrency": 5}, "ParallelizationFactor": 2},
            "ParallelizationFactor, ScalingConf",
        ),
        ({"ProvisionedPollerConfig": {"PollerGroupName": "shared"}}, "PollerGroupName"),
        ({"LoggingConfig": {"SystemLogLevel": "DEBUG"}}, "LoggingConfig"),
        (
            {"AmazonManagedKafkaEventSourceConfig": {"SchemaRegistryConfig": {"SchemaRegistryURI": "http://r"}}},
            "AmazonManagedKafkaEventSourceConfig.SchemaRegistryConfig",
        ),
    ],
)
def test_what_is_not_done_is_named(given: dict[str, Any], warned: str) -> None:
    [warning] = read_config({**MSK, **given}).warnings
    assert warning.startswith(warned) or f".{warned}" in warning


def test_metrics_are_checked_and_always_there() -> None:
    assert not read_config({**MSK, "MetricsConfig": {"Metrics": ["EventCount", "KafkaMetrics"]}}).warnings


@pytest.mark.parametrize("kind", ["MSK", "SelfManagedKafka"])
def test_an_outline_tells_what_a_refused_mapping_has(kind: Any) -> None:
    given = {**(MSK if kind == "MSK" else SELF_MANAGED), "BatchSize": 0}
    given["AmazonManagedKafkaEventSourceConfig"] = given["SelfManagedKafkaEventSourceConfig"] = {"ConsumerGroupId": "g"}
    config = outline(kind, given)
    assert (config.topic, config.consumer_group, config.enabled) == ("orders", "g", False)
    assert outline(kind, {"Topics": "orders", "SelfManagedEventSource": []}).topic == ""


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"BatchSize": 0}, "at 'batchSize' failed to satisfy constraint: Member must have value greater than or equal"),
        ({"BatchSize": 10_001}, "Member must have value less than or equal to 10000"),
        ({"BatchSize": 1.5}, "whole number"),
        ({"BatchSize": True}, "whole number"),
        ({"MaximumBatchingWindowInSeconds": 301}, "less than or equal to 300"),
        ({"MaximumRetryAttempts": -2}, "greater than or equal to -1"),
        ({"MaximumRetryAttempts": 10_001}, "less than or equal to 10000"),
        ({"MaximumRecordAgeInSeconds": 59}, "between 60 and 604800"),
        ({"MaximumRecordAgeInSeconds": 604_801}, "less than or equal to 604800"),
        ({"Topics": []}, "exactly one"),
        ({"Topics": ["a", "b"]}, "length less than or equal to 1"),
        ({"Topics": ["not a topic"]}, "no name of a Kafka topic"),
        ({"StartingPosition": "EARLIEST"}, "enum value set: [LATEST, AT_TIMESTAMP, TRIM_HORIZON]"),
        ({"StartingPosition": "AT_TIMESTAMP"}, "StartingPositionTimestamp is required"),
        ({"StartingPosition": "AT_TIMESTAMP", "StartingPositionTimestamp": 4_102_444_800}, "in the future"),
        ({"StartingPosition": "LATEST", "StartingPositionTimestamp": 1}, "Timestamp only valid with"),
        ({"FunctionResponseTypes": ["Nothing"]}, "ReportBatchItemFailures"),
        ({"Enabled": "perhaps"}, "true or false"),
        ({"DestinationConfig": {"OnSuccess": {"Destination": CLUSTER_ARN}}}, "OnSuccess is not supported"),
        ({"DestinationConfig": {"OnFailure": {"Destination": "nowhere"}}}, "neither an ARN nor kafka://topic"),
        ({"DestinationConfig": {"OnFailure": {"Destination": "kafka://orders"}}}, "must not be the source topic"),
        (
            {"DestinationConfig": {"OnFailure": {"Destination": "arn:aws:lambda:us-east-1:123456789012:function:x"}}},
            "SQS",
        ),
        ({"ProvisionedPollerConfig": {"MinimumPollers": 201}}, "less than or equal to 200"),
        ({"ProvisionedPollerConfig": {"MinimumPollers": 5, "MaximumPollers": 4}}, "greater than or equal to"),
        ({"FilterCriteria": {"Filters": [{"Pattern": '{"value": {"a": [1]}}'}] * 6}}, "at most 5 filters"),
        ({"FilterCriteria": {"Filters": [{"Pattern": "{"}]}}, "Invalid filter pattern definition."),
        ({"AmazonManagedKafkaEventSourceConfig": {"ConsumerGroupId": "g" * 201}}, "1 to 200 characters"),
        ({"SelfManagedEventSource": {"Endpoints": {}}}, "cannot be specified together"),
        ({"FilterCriteria": ["a"]}, "FilterCriteria must be an object"),
        ({"FilterCriteria": {"Filters": ["a"]}}, "Filters must be an object"),
        ({"DestinationConfig": "a"}, "DestinationConfig must be an object"),
        ({"SourceAccessConfigurations": ["a"]}, "SourceAccessConfigurations must be an object"),
        ({"MetricsConfig": {"Metrics": ["Everything"]}}, "EventCount, ErrorCount and KafkaMetrics"),
    ],
)
def test_what_aws_refuses_is_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidMappingError) as caught:
        read_config({**MSK, **change})
    assert message in str(caught.value)


def test_share_groups_are_refused_with_a_reason() -> None:
    with pytest.raises(InvalidMappingError, match="share groups"):
        read_config({**SELF_MANAGED, "SelfManagedKafkaEventSourceConfig": {"ConsumptionMode": "Queue"}})
