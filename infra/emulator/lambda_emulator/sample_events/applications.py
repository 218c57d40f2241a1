"""Events of Cognito, SES, Rekognition, SageMaker and AppSync.

Mirrors "Lambda trigger" pages of Cognito Sync, "Lambda event" (SES), "Pre-annotation and post-annotation Lambda
functions" (SageMaker) and "Lambda resolvers" (AppSync). Rekognition is asked by functions that S3 calls.
"""

from __future__ import annotations

from typing import Any

from lambda_emulator.arn import ACCOUNT_ID, REGION
from lambda_emulator.sample_events.common import new_id, now
from lambda_emulator.sample_events.messages import s3_put


def sync_trigger(*, region: str = REGION) -> dict[str, Any]:
    """A dataset of an identity has changed."""
    return {
        "version": 2,
        "eventType": "SyncTrigger",
        "region": region,
        "identityPoolId": "identityPoolId",
        "identityId": "identityId",
        "datasetName": "datasetName",
        "datasetRecords": {
            "SampleKey1": {"oldValue": "oldValue1", "newValue": "newValue1", "op": "replace"},
            "SampleKey2": {"oldValue": None, "newValue": "newValue2", "op": "replace"},
        },
    }


def email_receiving(
    *,
    region: str = REGION,
    partition: str = "aws",
    account_id: str = ACCOUNT_ID,
    dns_suffix: str = "us-east-1.amazonaws.com",
) -> dict[str, Any]:
    """A mail has come."""
    sender, recipient = "jane@example.com", "john@example.com"
    passed = {"status": "PASS"}
    common = {
        "returnPath": sender,
        "from": [f"Jane <{sender}>"],
        "to": [recipient],
        "date": "Wed, 7 Oct 2030 12:34:56 -0700",
        "messageId": "<0123456789example.com>",
        "subject": "Test subject",
    }
    function = f"arn:{partition}:lambda:{region}:{account_id}:function:Example"
    record = {
        "eventSource": "aws:ses",
        "eventVersion": "1.0",
        "ses": {
            "mail": {
                "timestamp": now(),
                "source": sender,
                "messageId": new_id().replace("-", ""),
                "destination": [recipient],
                "headersTruncated": False,
                "headers": [
                    {"name": "Return-Path", "value": f"<{sender}>"},
                    {"name": "Received", "value": f"from mailer.example.com by inbound-smtp.{dns_suffix}"},
                    {"name": "From", "value": f"Jane <{sender}>"},
                    {"name": "To", "value": recipient},
                    {"name": "Subject", "value": common["subject"]},
                ],
                "commonHeaders": common,
            },
            "receipt": {
                "timestamp": now(),
                "processingTimeMillis": 574,
                "recipients": [recipient],
                **{f"{check}Verdict": passed for check in ("spam", "virus", "spf", "dkim", "dmarc")},
                "action": {"type": "Lambda", "functionArn": function, "invocationType": "Event"},
            },
        },
    }
    return {"Records": [record]}


def rekognition_s3(
    *, region: str = REGION, partition: str = "aws", bucket: str = "example-bucket", key: str = "test/key"
) -> dict[str, Any]:
    """A picture was written to a bucket."""
    return s3_put(region=region, partition=partition, bucket=bucket, key=key)


def pre_human_task(
    *,
    region: str = REGION,
    partition: str = "aws",
    account_id: str = ACCOUNT_ID,
    source_ref: str = "s3://sagemakerexample/object_to_annotate.jpg",
    labeling_job_name: str = "example-job",
) -> dict[str, Any]:
    """An object is about to be shown to people."""
    job = f"arn:{partition}:sagemaker:{region}:{account_id}:labeling-job/{labeling_job_name}"
    return {"version": "2018-10-16", "labelingJobArn": job, "dataObject": {"source-ref": source_ref}}


def annotation_consolidation(
    *,
    region: str = REGION,
    partition: str = "aws",
    account_id: str = ACCOUNT_ID,
    labeling_job_name: str = "example-job",
    label_attribute_name: str = "example-attribute",
    s3_output_path: str = "s3://sagemakerexample/output",
    execution_role: str = "sagemaker-role",
    iteration_object_timestamp: str = "iteration-1/0/2030-09-06_18:35:03",
) -> dict[str, Any]:
    """People's answers are to become one."""
    name = f"{s3_output_path}/{labeling_job_name}/annotations/consolidated-annotation"
    return {
        "version": "2018-10-16",
        "labelingJobArn": f"arn:{partition}:sagemaker:{region}:{account_id}:labeling-job/{labeling_job_name}",
        "labelCategories": ["first", "second"],
        "labelAttributeName": label_attribute_name,
        "roleArn": f"arn:{partition}:iam::{account_id}:role/{execution_role}",
        "payload": {"s3Uri": f"{name}/consolidation-request/{iteration_object_timestamp}.json"},
    }


def appsync_resolver(*, type_name: str = "Query", field_name: str = "getItem") -> dict[str, Any]:
    """A field of a GraphQL API is to be resolved."""
    return {
        "arguments": {"id": "1"},
        "identity": None,
        "source": None,
        "request": {"headers": {"content-type": "application/json", "host": "example.appsync-api.amazonaws.com"}},
        "prev": None,
        "info": {
            "fieldName": field_name,
            "parentTypeName": type_name,
            "variables": {},
            "selectionSetList": ["id", "name"],
            "selectionSetGraphQL": "{\n  id\n  name\n}",
        },
        "stash": {},
    }
