"""Records of DynamoDB and Kinesis streams.

Mirrors "Using AWS Lambda with Amazon DynamoDB" and "Using AWS Lambda with Amazon Kinesis".
"""

from __future__ import annotations

import base64
import time
import uuid
from typing import Any

from lambda_emulator.arn import ACCOUNT_ID, REGION


def dynamodb_update(
    *,
    region: str = REGION,
    partition: str = "aws",
    account_id: str = ACCOUNT_ID,
    table: str = "ExampleTableWithStream",
) -> dict[str, Any]:
    """An item of a table was made, changed and removed."""
    started = time.strftime("%Y-%m-%dT%H:%M:%S.000", time.gmtime())
    source = f"arn:{partition}:dynamodb:{region}:{account_id}:table/{table}/stream/{started}"
    keys = {"Id": {"N": "101"}}
    first = {"Message": {"S": "as it was made"}, **keys}
    second = {"Message": {"S": "as it was changed"}, **keys}
    changes: list[tuple[str, dict[str, Any]]] = [
        ("INSERT", {"NewImage": first}),
        ("MODIFY", {"NewImage": second, "OldImage": first}),
        ("REMOVE", {"OldImage": second}),
    ]
    return {
        "Records": [
            {
                "eventID": uuid.uuid4().hex,
                "eventName": name,
                "eventVersion": "1.1",
                "eventSource": "aws:dynamodb",
                "awsRegion": region,
                "dynamodb": {
                    "ApproximateCreationDateTime": int(time.time()),
                    "Keys": keys,
                    **images,
                    "SequenceNumber": str(111 * number),
                    "SizeBytes": 26,
                    "StreamViewType": "NEW_AND_OLD_IMAGES",
                },
                "eventSourceARN": source,
            }
            for number, (name, images) in enumerate(changes, start=1)
        ]
    }


def kinesis_get_records(
    *,
    region: str = REGION,
    partition: str = "aws",
    sequence: str = "49600000000000000000000000000000000000000000000000000001",
    data: str = "example data",
    partition_key: str = "example-key",
) -> dict[str, Any]:
    """A record was put into a stream."""
    record = {
        "kinesis": {
            "kinesisSchemaVersion": "1.0",
            "partitionKey": partition_key,
            "sequenceNumber": sequence,
            "data": base64.b64encode(data.encode()).decode(),
            "approximateArrivalTimestamp": round(time.time(), 3),
        },
        "eventSource": "aws:kinesis",
        "eventVersion": "1.0",
        "eventID": f"shardId-000000000000:{sequence}",
        "eventName": "aws:kinesis:record",
        "invokeIdentityArn": f"arn:{partition}:iam::{ACCOUNT_ID}:role/lambda-kinesis-role",
        "awsRegion": region,
        "eventSourceARN": f"arn:{partition}:kinesis:{region}:{ACCOUNT_ID}:stream/lambda-stream",
    }
    return {"Records": [record]}
