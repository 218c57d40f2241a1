"""What is done with the events of SAM's functions, and with event source mappings.

Mirrors "EventSource" of ``AWS::Serverless::Function`` in the SAM specification and
``AWS::Lambda::EventSourceMapping`` of the CloudFormation template reference.
"""

from __future__ import annotations

from lambda_emulator.template.coverage.apis import NO_API_KEYS
from lambda_emulator.template.coverage.functions import NO_IAM, NO_KEYS
from lambda_emulator.template.coverage.status import DESCRIBES, DONE, Coverage, Table, each, told, warned

_OF_OTHERS = told("of other kinds of sources")
_KAFKA: Table = {
    **each(DONE, "BatchSize", "BisectBatchOnFunctionError", "DestinationConfig", "Enabled", "FilterCriteria"),
    **each(DONE, "FunctionResponseTypes", "MaximumBatchingWindowInSeconds", "MaximumRecordAgeInSeconds"),
    **each(DONE, "MaximumRetryAttempts", "ProvisionedPollerConfig", "SourceAccessConfigurations"),
    **each(DONE, "StartingPosition", "StartingPositionTimestamp", "Topics"),
    "KmsKeyArn": warned(NO_KEYS),
    **each(warned("no log or metric is sent to CloudWatch here"), "LoggingConfig", "MetricsConfig"),
    "ScalingConfig": _OF_OTHERS,
}
_KAFKA_EVENT: Table = {
    **_KAFKA,
    "ConsumerGroupId": DONE,
    "SchemaRegistryConfig": warned("records reach the function as they are in the topic"),
    "SecretsManagerKmsKeyId": warned(NO_KEYS),
    **each(_OF_OTHERS, "ParallelizationFactor", "Queues", "TumblingWindowInSeconds"),
}

EVENTS: dict[str, Table] = {
    "Api": {
        **each(DONE, "Method", "Path", "RestApiId", "TimeoutInMillis", "Stage"),
        "Auth.ApiKeyRequired": warned(NO_API_KEYS, False),
        "Auth.AuthorizationScopes": told("scopes of Cognito authorizers, which are not enforced"),
        "Auth.Authorizer": DONE,
        "Auth.InvokeRole": warned(NO_IAM, "NONE"),
        "Auth.OverrideApiAuth": DONE,
        "Auth.ResourcePolicy": warned("resource policies are not enforced here"),
        "RequestModel": DONE,
        "RequestParameters": DONE,
        "ResponseTransferMode": warned("responses are sent whole here", "BUFFERED"),
    },
    "HttpApi": {
        **each(DONE, "ApiId", "Auth", "Method", "Path", "PayloadFormatVersion", "TimeoutInMillis", "Stage"),
        "RouteSettings": warned("nothing is throttled, cached or logged by these settings here"),
    },
    "MSK": {**_KAFKA_EVENT, "Stream": DONE, "KafkaBootstrapServers": _OF_OTHERS},
    "SelfManagedKafka": {**_KAFKA_EVENT, "KafkaBootstrapServers": DONE},
}
"""The properties of the events that are brought to functions here, by type."""

OTHER_EVENTS: dict[str, Coverage] = each(
    warned(
        "events of this type do not come by themselves here; "
        "send one by stellar local generate-event and stellar local invoke"
    ),
    *("AlexaSkill", "CloudWatchEvent", "CloudWatchLogs", "Cognito", "DocumentDB", "DynamoDB", "EventBridgeRule"),
    *("IoTRule", "Kinesis", "MQ", "S3", "SNS", "SQS", "Schedule", "ScheduleV2"),
)
"""SAM's event types without a counterpart here. A type that is in neither list is left for the translator to refuse."""

MAPPINGS: dict[str, Table] = {
    "AWS::Lambda::EventSourceMapping": {
        **_KAFKA,
        **each(DONE, "EventSourceArn", "FunctionName", "SelfManagedEventSource"),
        "AmazonManagedKafkaEventSourceConfig.ConsumerGroupId": DONE,
        "AmazonManagedKafkaEventSourceConfig.SchemaRegistryConfig": _KAFKA_EVENT["SchemaRegistryConfig"],
        "SelfManagedKafkaEventSourceConfig.ConsumerGroupId": DONE,
        "SelfManagedKafkaEventSourceConfig.SchemaRegistryConfig": _KAFKA_EVENT["SchemaRegistryConfig"],
        **each(_OF_OTHERS, "DocumentDBEventSourceConfig", "ParallelizationFactor", "Queues", "TumblingWindowInSeconds"),
        "Tags": DESCRIBES,
    },
}
