"""What is done with the events of SAM's functions, and with event source mappings.

Mirrors "EventSource" of ``AWS::Serverless::Function`` in the SAM specification and
``AWS::Lambda::EventSourceMapping`` of the CloudFormation template reference.
"""

from __future__ import annotations

from lambda_emulator.template.coverage.apis import ROUTE_SETTINGS
from lambda_emulator.template.coverage.functions import NO_IAM, NO_KEYS
from lambda_emulator.template.coverage.status import (
    DEPLOYS,
    DESCRIBES,
    DONE,
    Coverage,
    Table,
    below,
    done,
    each,
    told,
    warned,
)

_OF_OTHERS = told("of other kinds of sources")
_NO_CLOUDWATCH = warned("no log or metric is sent to CloudWatch here")
_KAFKA: Table = {
    **each(DONE, "BatchSize", "BisectBatchOnFunctionError", "DestinationConfig", "Enabled", "FilterCriteria"),
    **each(DONE, "FunctionResponseTypes", "MaximumBatchingWindowInSeconds", "MaximumRecordAgeInSeconds"),
    **each(DONE, "MaximumRetryAttempts", "ProvisionedPollerConfig", "SourceAccessConfigurations"),
    **each(DONE, "StartingPosition", "StartingPositionTimestamp", "Topics"),
    "KmsKeyArn": warned(NO_KEYS),
    **each(_NO_CLOUDWATCH, "LoggingConfig", "MetricsConfig"),
    "ScalingConfig": _OF_OTHERS,
}
_KAFKA_EVENT: Table = {
    **_KAFKA,
    "ConsumerGroupId": DONE,
    "SchemaRegistryConfig": warned("records reach the function as they are in the topic"),
    "SecretsManagerKmsKeyId": warned(NO_KEYS),
    **each(_OF_OTHERS, "ParallelizationFactor", "Queues", "TumblingWindowInSeconds"),
}
_WINDOW = warned("the function is invoked at the start of the window here", {"Mode": "OFF"})
_QUEUE = done("gets the events that the Lambda API did not accept, as `start-schedules` finds the queue by boto3")
_TIMING: Table = {
    **each(DONE, "EndDate", "GroupName", "Name", "ScheduleExpression", "ScheduleExpressionTimezone", "StartDate"),
    "Description": DESCRIBES,
    "FlexibleTimeWindow": _WINDOW,
    "KmsKeyArn": warned(NO_KEYS),
    "State": DONE,
}

EVENTS: dict[str, Table] = {
    "Api": {
        **each(DONE, "Method", "Path", "RestApiId", "TimeoutInMillis", "Stage"),
        "Auth.ApiKeyRequired": DONE,
        "Auth.AuthorizationScopes": told("scopes of Cognito authorizers, which are not enforced"),
        "Auth.Authorizer": DONE,
        "Auth.InvokeRole": warned(NO_IAM, "NONE"),
        "Auth.OverrideApiAuth": DONE,
        "Auth.ResourcePolicy": DONE,
        "RequestModel": DONE,
        "RequestParameters": DONE,
        "ResponseTransferMode": warned("responses are sent whole here", "BUFFERED"),
    },
    "HttpApi": {
        **each(DONE, "ApiId", "Auth", "Method", "Path", "PayloadFormatVersion", "TimeoutInMillis", "Stage"),
        **below("RouteSettings", ROUTE_SETTINGS),
    },
    "MSK": {**_KAFKA_EVENT, "Stream": DONE, "KafkaBootstrapServers": _OF_OTHERS},
    "Schedule": {
        **each(DONE, "Enabled", "Input", "Name", "RetryPolicy", "RuleName", "Schedule", "State"),
        "DeadLetterConfig": _QUEUE,
        "Description": DESCRIBES,
    },
    "ScheduleV2": {
        **_TIMING,
        **each(DONE, "Input", "OmitName", "RetryPolicy"),
        "DeadLetterConfig": _QUEUE,
        **each(warned(NO_IAM), "PermissionsBoundary", "RoleArn"),
    },
    "SQS": {
        **each(DONE, "BatchSize", "Enabled", "FilterCriteria", "FunctionResponseTypes", "Queue", "ScalingConfig"),
        "MaximumBatchingWindowInSeconds": DONE,
        "KmsKeyArn": warned(NO_KEYS),
        **each(_NO_CLOUDWATCH, "LoggingConfig", "MetricsConfig"),
        "ProvisionedPollerConfig": warned("one local poller reads the queue, as fast as the function allows"),
        **each(
            _OF_OTHERS, "BisectBatchOnFunctionError", "ConsumerGroupId", "DestinationConfig", "SchemaRegistryConfig"
        ),
        **each(_OF_OTHERS, "KafkaBootstrapServers", "MaximumRecordAgeInSeconds", "MaximumRetryAttempts", "Queues"),
        **each(_OF_OTHERS, "ParallelizationFactor", "SecretsManagerKmsKeyId", "SourceAccessConfigurations"),
        **each(_OF_OTHERS, "StartingPosition", "StartingPositionTimestamp", "Topics", "TumblingWindowInSeconds"),
    },
    "SelfManagedKafka": {**_KAFKA_EVENT, "KafkaBootstrapServers": DONE},
}
"""The properties of the events that are brought to functions here, by type."""

OTHER_EVENTS: dict[str, Coverage] = each(
    warned(
        "events of this type do not come by themselves here; "
        "send one by stellar local generate-event and stellar local invoke"
    ),
    *("AlexaSkill", "CloudWatchEvent", "CloudWatchLogs", "Cognito", "DocumentDB", "DynamoDB", "EventBridgeRule"),
    *("IoTRule", "Kinesis", "MQ", "S3", "SNS"),
)
"""SAM's event types without a counterpart here. A type that is in neither list is left for the translator to refuse."""

MAPPINGS: dict[str, Table] = {
    "AWS::Lambda::EventSourceMapping": {
        **_KAFKA,
        "ScalingConfig": done("of SQS queues"),
        **each(DONE, "EventSourceArn", "FunctionName", "SelfManagedEventSource"),
        "AmazonManagedKafkaEventSourceConfig.ConsumerGroupId": DONE,
        "AmazonManagedKafkaEventSourceConfig.SchemaRegistryConfig": _KAFKA_EVENT["SchemaRegistryConfig"],
        "SelfManagedKafkaEventSourceConfig.ConsumerGroupId": DONE,
        "SelfManagedKafkaEventSourceConfig.SchemaRegistryConfig": _KAFKA_EVENT["SchemaRegistryConfig"],
        **each(_OF_OTHERS, "DocumentDBEventSourceConfig", "ParallelizationFactor", "Queues", "TumblingWindowInSeconds"),
        "Tags": DESCRIBES,
    },
}

_TARGET: Table = {
    **each(DONE, "Arn", "Input", "RetryPolicy"),
    "DeadLetterConfig": _QUEUE,
    **each(
        told("of targets that are no functions"), "EcsParameters", "KinesisParameters", "SageMakerPipelineParameters"
    ),
    **each(told("of targets that are no functions"), "SqsParameters"),
}
SCHEDULES: dict[str, Table] = {
    "AWS::Events::Rule": {
        "Description": DESCRIBES,
        "EventBusName": DONE,
        "EventPattern": warned("events of a bus do not come by themselves here"),
        "Name": DONE,
        "RoleArn": DEPLOYS,
        "ScheduleExpression": DONE,
        "State": DONE,
        "Tags": DESCRIBES,
        **{f"Targets.{name}": coverage for name, coverage in _TARGET.items()},
        "Targets.Id": DONE,
        "Targets.RoleArn": DEPLOYS,
        **each(DONE, "Targets.InputPath", "Targets.InputTransformer"),
        **each(
            told("of targets that are no functions"),
            *("Targets.AppSyncParameters", "Targets.BatchParameters", "Targets.HttpParameters"),
            *("Targets.RedshiftDataParameters", "Targets.RunCommandParameters"),
        ),
    },
    "AWS::Scheduler::Schedule": {
        **_TIMING,
        **{f"Target.{name}": coverage for name, coverage in _TARGET.items()},
        "Target.EventBridgeParameters": told("of targets that are no functions"),
        "Target.RoleArn": DEPLOYS,
    },
}
