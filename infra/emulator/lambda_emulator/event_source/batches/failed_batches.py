"""What becomes of records that no attempt will be made for any more: the invocation record that a destination gets.

Mirrors "Capturing discarded batches for Amazon MSK and self-managed Apache Kafka event sources" and "Using a Kafka
topic as an on-failure destination". The name for records that became too old is not documented; it is the one that
asynchronous invocations use.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from lambda_emulator.event_source.batches.event import Envelope
from lambda_emulator.event_source.batches.sender import Answer
from lambda_emulator.event_source.kafka.records import Record

Condition = Literal["RetryAttemptsExhausted", "EventAgeExceeded", "MaximumPayloadSizeExceeded"]


@dataclass(frozen=True, slots=True)
class FailedBatch:
    """Records that are given up, and why. ``answer`` is that of their last invocation, if there was one."""

    condition: Condition
    records: Sequence[Record]
    envelope: Envelope
    function_arn: str
    invocations: int
    answer: Answer | None

    def summary(self) -> dict[str, Any]:
        """The record for SQS and SNS: what failed, without the records themselves."""
        groups: dict[str, list[Record]] = {}
        for record in self.records:
            groups.setdefault(self.envelope.group(record.partition), []).append(record)
        payload_size = len(self.envelope.build(self.records))
        infos = {name: _span(group) for name, group in groups.items()}
        return self._record(self.condition, len(self.records), payload_size, {"recordsInfo": infos})

    def with_payload(self) -> dict[str, Any]:
        """The record for S3, with the event as text."""
        return {**self.summary(), "payload": self.envelope.build(self.records).decode()}

    def of_one(self, record: Record) -> dict[str, Any]:
        """The record for a Kafka topic: each failed record for itself, with its event as an object."""
        payload = self.envelope.build([record])
        return {**self._about(record, len(payload)), "payload": json.loads(payload)}

    def reference(self, record: Record, reason: str) -> dict[str, Any]:
        """The same without the event, for a topic that does not take it: where the record is, and why it is not here.

        AWS documents nothing for this case.
        """
        size = len(self.envelope.build([record]))
        place = {"topic": self.envelope.topic, "partition": record.partition, "offset": record.offset}
        return {**self._about(record, size), "reference": {**place, "size": size, "reason": reason}}

    def _about(self, record: Record, size: int) -> dict[str, Any]:
        condition = "RetriesExhausted" if self.condition == "RetryAttemptsExhausted" else self.condition
        info = {"offset": str(record.offset), "timestamp": _moment(record.timestamp)}
        return self._record(condition, 1, size, {"recordInfo": info})

    def _record(self, condition: str, size: int, payload_size: int, infos: dict[str, Any]) -> dict[str, Any]:
        response = None
        if self.answer is not None:
            response = {
                "statusCode": 200,
                "executedVersion": self.answer.executed_version,
                "functionError": self.answer.function_error,
            }
        batch = {
            "batchSize": size,
            "eventSourceArn": self.envelope.event_source_arn,
            "bootstrapServers": self.envelope.bootstrap_servers,
            "payloadSize": payload_size,
            **infos,
        }
        return {
            "requestContext": {
                "requestId": (self.answer and self.answer.request_id) or str(uuid.uuid4()),
                "functionArn": self.function_arn,
                "condition": condition,
                "approximateInvokeCount": self.invocations,
            },
            "responseContext": response,
            "version": "1.0",
            "timestamp": _iso(datetime.now(UTC)),
            "KafkaBatchInfo": {name: value for name, value in batch.items() if value is not None},
        }


def _span(records: Sequence[Record]) -> dict[str, Any]:
    first, last = records[0], records[-1]
    return {
        "firstRecordOffset": str(first.offset),
        "lastRecordOffset": str(last.offset),
        "firstRecordTimestamp": _moment(first.timestamp),
        "lastRecordTimestamp": _moment(last.timestamp),
    }


def _moment(milliseconds: int | None) -> str | None:
    return None if milliseconds is None else _iso(datetime.fromtimestamp(milliseconds / 1000, UTC))


def _iso(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"
