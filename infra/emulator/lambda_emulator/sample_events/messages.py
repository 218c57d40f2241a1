"""Notifications of S3, SNS and EventBridge, and a message of SQS.

Mirrors "Event message structure" (S3), "Using AWS Lambda with Amazon SNS", "Using Lambda with Amazon SQS" and
"Events from AWS services" (EventBridge).
"""

from __future__ import annotations

import hashlib
import time
import uuid
from typing import Any
from urllib.parse import quote_plus

from lambda_emulator.arn import ACCOUNT_ID, REGION
from lambda_emulator.sample_events.common import now


def s3_put(
    *, region: str = REGION, partition: str = "aws", bucket: str = "example-bucket", key: str = "test/key"
) -> dict[str, Any]:
    """An object was written to a bucket."""
    written = {"size": 1024, "eTag": hashlib.md5(key.encode(), usedforsecurity=False).hexdigest()}
    return _s3("ObjectCreated:Put", region, partition, bucket, key, written)


def s3_delete(
    *, region: str = REGION, partition: str = "aws", bucket: str = "example-bucket", key: str = "test/key"
) -> dict[str, Any]:
    """An object was deleted from a bucket."""
    return _s3("ObjectRemoved:Delete", region, partition, bucket, key, {})


def _s3(name: str, region: str, partition: str, bucket: str, key: str, written: dict[str, Any]) -> dict[str, Any]:
    owner = {"principalId": "EXAMPLE"}
    record = {
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "awsRegion": region,
        "eventTime": now(),
        "eventName": name,
        "userIdentity": owner,
        "requestParameters": {"sourceIPAddress": "127.0.0.1"},
        "responseElements": {"x-amz-request-id": uuid.uuid4().hex[:16].upper(), "x-amz-id-2": uuid.uuid4().hex},
        "s3": {
            "s3SchemaVersion": "1.0",
            "configurationId": "local",
            "bucket": {"name": bucket, "ownerIdentity": owner, "arn": f"arn:{partition}:s3:::{bucket}"},
            # S3 writes keys as in a form: a blank is a plus sign.
            "object": {"key": quote_plus(key, safe="/"), **written, "sequencer": f"{time.time_ns():018X}"},
        },
    }
    return {"Records": [record]}


def sns_notification(
    *,
    region: str = REGION,
    partition: str = "aws",
    account_id: str = ACCOUNT_ID,
    topic: str = "ExampleTopic",
    subject: str = "example subject",
    message: str = "example message",
) -> dict[str, Any]:
    """A message was published to a topic."""
    arn = f"arn:{partition}:sns:{region}:{account_id}:{topic}"
    notification = {
        "Type": "Notification",
        "MessageId": str(uuid.uuid4()),
        "TopicArn": arn,
        "Subject": subject,
        "Message": message,
        "Timestamp": now(),
        "SignatureVersion": "1",
        "Signature": "EXAMPLE",
        "SigningCertUrl": f"https://sns.{region}.amazonaws.com/SimpleNotificationService-example.pem",
        "UnsubscribeUrl": f"https://sns.{region}.amazonaws.com/?Action=Unsubscribe&SubscriptionArn={arn}:example",
        "MessageAttributes": {},
    }
    subscription = f"{arn}:{uuid.uuid4()}"
    return {
        "Records": [
            {
                "EventVersion": "1.0",
                "EventSubscriptionArn": subscription,
                "EventSource": "aws:sns",
                "Sns": notification,
            }
        ]
    }


def sqs_receive_message(
    *,
    region: str = REGION,
    partition: str = "aws",
    account_id: str = ACCOUNT_ID,
    queue_name: str = "MyQueue",
    body: str = "Hello from SQS!",
) -> dict[str, Any]:
    """A message was taken from a queue."""
    milliseconds = str(int(time.time() * 1000))
    record = {
        "messageId": str(uuid.uuid4()),
        "receiptHandle": "MessageReceiptHandle",
        "body": body,
        "attributes": {
            "ApproximateReceiveCount": "1",
            "SentTimestamp": milliseconds,
            "SenderId": account_id,
            "ApproximateFirstReceiveTimestamp": milliseconds,
        },
        "messageAttributes": {},
        "md5OfBody": hashlib.md5(body.encode(), usedforsecurity=False).hexdigest(),
        "eventSource": "aws:sqs",
        "eventSourceARN": f"arn:{partition}:sqs:{region}:{account_id}:{queue_name}",
        "awsRegion": region,
    }
    return {"Records": [record]}


def scheduled_event(
    *, region: str = REGION, partition: str = "aws", account_id: str = ACCOUNT_ID, rule: str = "ExampleRule"
) -> dict[str, Any]:
    """The time of a rule has come."""
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": account_id,
        "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "region": region,
        "resources": [f"arn:{partition}:events:{region}:{account_id}:rule/{rule}"],
        "detail": {},
    }


def scheduler_event(
    *,
    region: str = REGION,
    partition: str = "aws",
    account_id: str = ACCOUNT_ID,
    group: str = "default",
    schedule: str = "ExampleSchedule",
) -> dict[str, Any]:
    """The time of a schedule has come, which has no input of its own."""
    arn = f"arn:{partition}:scheduler:{region}:{account_id}:schedule/{group}/{schedule}"
    event = scheduled_event(region=region, partition=partition, account_id=account_id)
    return {**event, "source": "aws.scheduler", "resources": [arn], "detail": "{}"}
