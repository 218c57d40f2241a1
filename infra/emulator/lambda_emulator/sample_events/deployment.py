"""Events of what builds, deploys and watches: CloudFormation, CodeCommit, CodePipeline, Config, Batch, Step Functions.

Mirrors "Custom resource request objects" (CloudFormation), "Example events" (CodeCommit), "JSON event example"
(CodePipeline) and "Example events for AWS Config rules". Batch and Step Functions send nothing by themselves: these are
inputs that a state machine gives to its functions.
"""

from __future__ import annotations

import json
from typing import Any

from lambda_emulator.arn import ACCOUNT_ID, REGION
from lambda_emulator.sample_events.common import new_id, now, today


def create_request(
    *, region: str = REGION, partition: str = "aws", account_id: str = ACCOUNT_ID, stack: str = "MyStack"
) -> dict[str, Any]:
    """A custom resource is to be made."""
    return {
        "RequestType": "Create",
        "ServiceToken": f"arn:{partition}:lambda:{region}:{account_id}:function:custom-resource",
        "ResponseURL": "https://example.com/where-the-answer-is-put",
        "StackId": f"arn:{partition}:cloudformation:{region}:{account_id}:stack/{stack}/{new_id()}",
        "RequestId": new_id(),
        "LogicalResourceId": "MyResource",
        "ResourceType": "Custom::MyResource",
        "ResourceProperties": {
            "ServiceToken": f"arn:{partition}:lambda:{region}:{account_id}:function:custom-resource",
            "StackName": stack,
            "List": ["1", "2", "3"],
        },
    }


def codecommit_repository(
    *,
    region: str = REGION,
    partition: str = "aws",
    account_id: str = ACCOUNT_ID,
    repository: str = "my-repo",
    trigger: str = "my-trigger",
    custom_data: str = "this is custom data",
) -> dict[str, Any]:
    """A branch of a repository was pushed to."""
    record = {
        "awsRegion": region,
        "codecommit": {
            "references": [{"commit": "5c4ef1049f1d27deadbeeff313e0730018be182b", "ref": "refs/heads/main"}]
        },
        "customData": custom_data,
        "eventId": new_id(),
        "eventName": "ReferenceChanges",
        "eventPartNumber": 1,
        "eventSource": "aws:codecommit",
        "eventSourceARN": f"arn:{partition}:codecommit:{region}:{account_id}:{repository}",
        "eventTime": now(),
        "eventTotalParts": 1,
        "eventTriggerConfigId": new_id(),
        "eventTriggerName": trigger,
        "eventVersion": "1.0",
        "userIdentityARN": f"arn:{partition}:iam::{account_id}:user/somebody",
    }
    return {"Records": [record]}


def codepipeline_job(
    *,
    account_id: str = ACCOUNT_ID,
    input_bucket: str = "example-bucket",
    input_key: str = "test/key",
    output_bucket: str = "example-bucket2",
    output_key: str = "test/key2",
) -> dict[str, Any]:
    """A pipeline has come to an action of a function."""

    def artifact(name: str, bucket: str, key: str) -> dict[str, Any]:
        location = {"type": "S3", "s3Location": {"bucketName": bucket, "objectKey": key}}
        return {"name": name, "revision": None, "location": location}

    job = {
        "id": new_id(),
        "accountId": account_id,
        "data": {
            "actionConfiguration": {
                "configuration": {"FunctionName": "my-function", "UserParameters": "some parameters"}
            },
            "inputArtifacts": [artifact("input", input_bucket, input_key)],
            "outputArtifacts": [artifact("output", output_bucket, output_key)],
            "artifactCredentials": {
                "accessKeyId": "EXAMPLE",
                "secretAccessKey": "EXAMPLE",
                "sessionToken": "EXAMPLE",
                "expirationTime": 1_893_456_000_000,
            },
            "continuationToken": "EXAMPLE",
        },
    }
    return {"CodePipeline.job": job}


def item_change(*, region: str = REGION, partition: str = "aws", account_id: str = ACCOUNT_ID) -> dict[str, Any]:
    """The configuration of a resource has changed."""
    return _config(region, partition, account_id, {**_item(region, partition, account_id), **_difference()}, "")


def oversized_item_change(
    *, region: str = REGION, partition: str = "aws", account_id: str = ACCOUNT_ID
) -> dict[str, Any]:
    """The same, of a resource that is too large to be in the event."""
    item = _item(region, partition, account_id)["configurationItem"]
    summary = {name: value for name, value in item.items() if name not in ("configuration", "tags", "relationships")}
    summary["changeType"] = "UPDATE"
    return _config(region, partition, account_id, {"configurationItemSummary": summary}, "Oversized")


def periodic_rule(*, region: str = REGION, partition: str = "aws", account_id: str = ACCOUNT_ID) -> dict[str, Any]:
    """The time to evaluate a rule has come."""
    content = {"awsAccountId": account_id, "notificationCreationTime": now()}
    return _rule(
        region, partition, account_id, {**content, "messageType": "ScheduledNotification", "recordVersion": "1.0"}
    )


def _config(region: str, partition: str, account_id: str, content: dict[str, Any], prefix: str) -> dict[str, Any]:
    kind = f"{prefix}ConfigurationItemChangeNotification"
    whole = {**content, "notificationCreationTime": now(), "messageType": kind, "recordVersion": "1.3"}
    return _rule(region, partition, account_id, whole)


def _rule(region: str, partition: str, account_id: str, invoking: dict[str, Any]) -> dict[str, Any]:
    return {
        "version": "1.0",
        "invokingEvent": json.dumps(invoking),
        "ruleParameters": json.dumps({"allowedType": "t3.micro"}),
        "resultToken": "myResultToken",
        "eventLeftScope": False,
        "executionRoleArn": f"arn:{partition}:iam::{account_id}:role/config-role",
        "configRuleArn": f"arn:{partition}:config:{region}:{account_id}:config-rule/config-rule-example",
        "configRuleName": "my-rule",
        "configRuleId": "config-rule-example",
        "accountId": account_id,
    }


def _item(region: str, partition: str, account_id: str) -> dict[str, Any]:
    resource = "i-0123456789abcdef0"
    return {
        "configurationItem": {
            "configurationItemVersion": "1.3",
            "configurationItemCaptureTime": now(),
            "configurationStateId": 1,
            "awsAccountId": account_id,
            "configurationItemStatus": "OK",
            "resourceType": "AWS::EC2::Instance",
            "resourceId": resource,
            "resourceName": None,
            "ARN": f"arn:{partition}:ec2:{region}:{account_id}:instance/{resource}",
            "awsRegion": region,
            "availabilityZone": f"{region}a",
            "resourceCreationTime": now(),
            "tags": {"Name": "example"},
            "relationships": [],
            "configuration": {"instanceId": resource, "instanceType": "t3.micro"},
        }
    }


def _difference() -> dict[str, Any]:
    change = {"previousValue": "t3.nano", "updatedValue": "t3.micro", "changeType": "UPDATE"}
    return {
        "configurationItemDiff": {"changedProperties": {"Configuration.InstanceType": change}, "changeType": "UPDATE"}
    }


def batch_get_job() -> dict[str, Any]:
    """A function is asked for the state of a job."""
    return {"jobId": new_id()}


def batch_submit_job() -> dict[str, Any]:
    """A function is to submit a job."""
    return {
        "jobName": "example-job",
        "jobQueue": "default",
        "jobDefinition": "example:1",
        "parameters": {},
        "containerOverrides": {"command": ["echo", "hello"], "environment": []},
    }


def stepfunctions_error() -> dict[str, Any]:
    """A state has failed, and its error goes to the function of a Catch."""
    return {
        "Error": "States.TaskFailed",
        "Cause": json.dumps({"errorMessage": "as an example", "errorType": "Exception"}),
    }


def eventbridge_event(
    *,
    region: str = REGION,
    account_id: str = ACCOUNT_ID,
    source: str = "my.application",
    detail_type: str = "my event",
    detail: str = '{"key": "value"}',
) -> dict[str, Any]:
    """An event of a bus. Raises ValueError where the detail is no JSON."""
    return {
        "version": "0",
        "id": new_id(),
        "detail-type": detail_type,
        "source": source,
        "account": account_id,
        "time": today(),
        "region": region,
        "resources": [],
        "detail": json.loads(detail),
    }
