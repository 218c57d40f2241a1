"""Records that Firehose and Kinesis Data Analytics have a function transform.

Mirrors "Data transformation in Amazon Data Firehose" and "Preprocessing data using a Lambda function" (Kinesis Data
Analytics for SQL).
"""

from __future__ import annotations

import base64
import gzip
import json
from typing import Any

from lambda_emulator.arn import ACCOUNT_ID, REGION
from lambda_emulator.sample_events.common import encoded, milliseconds, new_id

_TEXT = "Hello, this is a test 123."
_LINE = '64.242.88.10 - - [07/Mar/2004:16:10:02 -0800] "GET /mailman/listinfo/hsdivision HTTP/1.1" 200 6291'
_ROW = '{"ROWTIME_TIMESTAMP": "2030-12-15 01:09:50.000", "VEHICLEID": "5", "VEHICLECOUNT": 18}'
_SEQUENCE = "49545115243490985018280067714973144582180062593244200961"
_SHARD = "shardId-000000000000"
_APPLICATION, _STREAM = "example-application", "example-stream"


def firehose(*, region: str = REGION, partition: str = "aws", data: str = encoded(_TEXT)) -> dict[str, Any]:
    """A record that was put into Firehose. The data are in base64."""
    return _firehose(region, partition, ACCOUNT_ID, {"data": data})


def apachelog(*, region: str = REGION, data: str = encoded(_LINE)) -> dict[str, Any]:
    """A line of a web server's log, in base64."""
    return _firehose(region, "aws", ACCOUNT_ID, {"data": data})


def syslog(*, region: str = REGION, data: str = encoded(f"<34>Oct 11 22:14:15 host app: {_TEXT}")) -> dict[str, Any]:
    """A line of syslog, in base64."""
    return _firehose(region, "aws", ACCOUNT_ID, {"data": data})


def streams_as_source(
    *,
    region: str = REGION,
    partition: str = "aws",
    partition_key: str = "partitionKey-03",
    data: str = encoded(_TEXT),
    sequence: str = _SEQUENCE,
) -> dict[str, Any]:
    """A record that Firehose has read from a stream. The data are in base64."""
    place = {
        "sequenceNumber": sequence,
        "subsequenceNumber": 0,
        "partitionKey": partition_key,
        "shardId": _SHARD,
        "approximateArrivalTimestamp": milliseconds(),
    }
    event = _firehose(region, partition, ACCOUNT_ID, {"data": data, "kinesisRecordMetadata": place})
    return {**event, "sourceKinesisStreamArn": f"arn:{partition}:kinesis:{region}:{ACCOUNT_ID}:stream/source"}


def cloudwatch_logs_processor(
    *, region: str = REGION, partition: str = "aws", account_id: str = ACCOUNT_ID
) -> dict[str, Any]:
    """Log events that a subscription has sent to Firehose, compressed and in base64."""
    return _firehose(region, partition, account_id, {"data": log_events(account_id)})


def cloudwatch_logs() -> dict[str, Any]:
    """Log events that a subscription sends to a function, compressed and in base64."""
    return {"awslogs": {"data": log_events(ACCOUNT_ID)}}


def log_events(account_id: str) -> str:
    """What a subscription of CloudWatch Logs sends."""
    events = [
        {"id": str(number), "timestamp": milliseconds() + number, "message": f"[ERROR] {text} message"}
        for number, text in enumerate(("first", "second"))
    ]
    content = {
        "messageType": "DATA_MESSAGE",
        "owner": account_id,
        "logGroup": "testLogGroup",
        "logStream": "testLogStream",
        "subscriptionFilters": ["testFilter"],
        "logEvents": events,
    }
    return base64.b64encode(gzip.compress(json.dumps(content).encode(), mtime=0)).decode()


def _firehose(region: str, partition: str, account_id: str, record: dict[str, Any]) -> dict[str, Any]:
    arn = f"arn:{partition}:firehose:{region}:{account_id}:deliverystream/delivery-stream"
    return {
        "invocationId": new_id(),
        "deliveryStreamArn": arn,
        "region": region,
        "records": [{"recordId": _SEQUENCE, "approximateArrivalTimestamp": milliseconds(), **record}],
    }


def analytics(
    *,
    region: str = REGION,
    partition: str = "aws",
    account_id: str = ACCOUNT_ID,
    application: str = _APPLICATION,
    stream: str = _STREAM,
    data: str = "This is a test from Kinesis Analytics",
) -> dict[str, Any]:
    """A record that an application reads from a stream."""
    return _analytics(region, partition, account_id, application, stream, [encoded(data)])


def analytics_compressed(
    *,
    region: str = REGION,
    partition: str = "aws",
    account_id: str = ACCOUNT_ID,
    application: str = _APPLICATION,
    stream: str = _STREAM,
    data: str = base64.b64encode(gzip.compress(_ROW.encode(), mtime=0)).decode(),
) -> dict[str, Any]:
    """The same, compressed. The data are in base64."""
    return _analytics(region, partition, account_id, application, stream, [data])


def analytics_dynamodb(
    *,
    region: str = REGION,
    partition: str = "aws",
    account_id: str = ACCOUNT_ID,
    application: str = _APPLICATION,
    stream: str = _STREAM,
    data: str = _ROW,
) -> dict[str, Any]:
    """A row that an application's function writes to a table."""
    return _analytics(region, partition, account_id, application, stream, [encoded(data)])


def analytics_kpl(
    *,
    region: str = REGION,
    partition: str = "aws",
    account_id: str = ACCOUNT_ID,
    application: str = _APPLICATION,
    stream: str = _STREAM,
) -> dict[str, Any]:
    """Several records that the producer library has put into one, and that come apart again."""
    return _analytics(region, partition, account_id, application, stream, [encoded(f"record {n}") for n in (1, 2, 3)])


def _analytics(
    region: str, partition: str, account_id: str, application: str, stream: str, data: list[str]
) -> dict[str, Any]:
    return {
        "invocationId": new_id(),
        "applicationArn": f"arn:{partition}:kinesisanalytics:{region}:{account_id}:application/{application}",
        "streamArn": f"arn:{partition}:kinesis:{region}:{account_id}:stream/{stream}",
        "records": [
            {
                "recordId": _SEQUENCE,
                "kinesisStreamRecordMetadata": {
                    "sequenceNumber": _SEQUENCE,
                    "partitionKey": "example-key",
                    "shardId": _SHARD,
                    "approximateArrivalTimestamp": milliseconds(),
                },
                "data": each,
            }
            for each in data
        ],
    }
