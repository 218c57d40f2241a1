"""Where discarded records go: an SQS queue, an SNS topic, an S3 bucket, a topic of the same Kafka cluster.

boto3 delivers to wherever ``AWS_ENDPOINT_URL`` (or ``AWS_ENDPOINT_URL_SQS`` and the like) says; it is imported at the
first delivery. A delivery that fails raises, and is the caller's to repeat: nothing is given up silently.
"""

from __future__ import annotations

import logging
import os
import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Protocol

import orjson

from lambda_emulator.arn import REGION
from lambda_emulator.event_source.batches.failed_batches import FailedBatch
from lambda_emulator.event_source.kafka.cluster import without_consumer_settings
from lambda_emulator.event_source.kafka.records import Record
from lambda_emulator.event_source.kafka.threads import in_thread

_LOG = logging.getLogger(__name__)
_FLUSH_SECONDS = 30.0
_MAX_UNCOMPRESSED_BYTES = 200_000_000  # no limit of ours: the cluster's own is on what compression leaves


class DeliveryError(RuntimeError):
    """A destination did not take a record; the text names it and the reason."""


class Destination(Protocol):
    """Takes discarded records."""

    async def send(self, failed: FailedBatch) -> None:
        """Deliver. Raises DeliveryError."""


def open_destination(target: str, mapping_id: str, kafka: Mapping[str, Any]) -> Destination:
    """The destination that an ARN or ``kafka://topic`` means. ``kafka`` are the cluster's librdkafka settings."""
    if target.startswith("kafka://"):
        return KafkaDestination(target.removeprefix("kafka://"), kafka)
    return AwsDestination(target, mapping_id)


class KafkaDestination:
    """Another topic of the source's cluster: one message for each record, under the record's own key.

    Messages are compressed, because a record of a compressed batch may be larger than ``max.message.bytes``. A record
    that the topic does not take even so is replaced by a reference to it (``FailedBatch.reference``), so that no
    record blocks its partition for ever.
    """

    def __init__(self, topic: str, kafka: Mapping[str, Any]) -> None:
        self._topic = topic
        self._settings = {
            **without_consumer_settings(kafka),
            "enable.idempotence": True,
            "linger.ms": 0,
            "compression.type": "gzip",
            "message.max.bytes": _MAX_UNCOMPRESSED_BYTES,
        }
        self._producer: Any = None

    async def send(self, failed: FailedBatch) -> None:
        await in_thread(lambda: self._send(failed), "destination")

    def _send(self, failed: FailedBatch) -> None:
        from confluent_kafka import KafkaError

        refused = self._produce([(record, failed.of_one(record), record.key) for record in failed.records])
        too_large = [record for record, error in refused if error.code() == KafkaError.MSG_SIZE_TOO_LARGE]
        if len(too_large) < len(refused):
            raise DeliveryError(f"kafka://{self._topic}: {next(e.str() for r, e in refused if r not in too_large)}")
        if too_large:
            reason = refused[0][1].str()
            _LOG.warning("kafka://%s: %s: %d records go as references", self._topic, reason, len(too_large))
            if again := self._produce([(record, failed.reference(record, reason), None) for record in too_large]):
                raise DeliveryError(f"kafka://{self._topic}: {again[0][1].str()}")

    def _produce(self, messages: Sequence[tuple[Record, dict[str, Any], bytes | None]]) -> list[tuple[Record, Any]]:
        """Send one message for each record; the records whose message the cluster refused, and its errors."""
        from confluent_kafka import KafkaException, Producer

        refused: list[tuple[Record, Any]] = []

        def send(record: Record, content: dict[str, Any], key: bytes | None) -> None:
            def delivered(error: Any, _message: Any) -> None:
                if error is not None:
                    refused.append((record, error))

            try:
                producer.produce(self._topic, value=orjson.dumps(content), key=key, on_delivery=delivered)
            except KafkaException as error:
                refused.append((record, error.args[0]))

        try:
            producer = self._producer = self._producer or Producer(self._settings)
            for message in messages:
                send(*message)
            waiting = producer.flush(_FLUSH_SECONDS)
        except (KafkaException, BufferError) as error:
            raise DeliveryError(f"kafka://{self._topic}: {error}") from None
        if waiting:
            raise DeliveryError(f"kafka://{self._topic}: no answer")
        if refused:
            self._producer = None  # an idempotent producer does not outlive a lost record
        return refused


class AwsDestination:
    """An SQS queue, an SNS topic or an S3 bucket, by its ARN."""

    def __init__(self, arn: str, mapping_id: str) -> None:
        self._arn = arn
        self._mapping_id = mapping_id
        _, _, self._service, self._region, _, self._resource = arn.split(":", 5)

    async def send(self, failed: FailedBatch) -> None:
        await in_thread(lambda: self._attempt(failed), "destination")

    def _attempt(self, failed: FailedBatch) -> None:
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            if self._service == "s3":
                self._to_bucket(orjson.dumps(failed.with_payload()))
            elif self._service == "sqs":
                self._to_queue(orjson.dumps(failed.summary()).decode())
            else:
                self._client().publish(TopicArn=self._arn, Message=orjson.dumps(failed.summary()).decode())
        except (BotoCoreError, ClientError) as error:
            raise DeliveryError(f"{self._arn}: {error}") from None

    def _to_queue(self, body: str) -> None:
        client = self._client()
        client.send_message(QueueUrl=client.get_queue_url(QueueName=self._resource)["QueueUrl"], MessageBody=body)

    def _to_bucket(self, body: bytes) -> None:
        """Under a key like those that AWS makes for streams: ``aws/lambda/<mapping>/YYYY/MM/DD/<time>-<uuid>``."""
        now = datetime.now(UTC)
        key = f"aws/lambda/{self._mapping_id}/{now:%Y/%m/%d}/{now:%Y-%m-%dT%H.%M.%S}-{uuid.uuid4()}"
        self._client().put_object(Bucket=self._resource, Key=key, Body=body, ContentType="application/json")

    def _client(self) -> Any:
        import boto3
        from botocore.config import Config

        session = boto3.session.Session(region_name=self._region or None)
        options: dict[str, str] = {"region_name": session.region_name or REGION}
        elsewhere = "AWS_ENDPOINT_URL" in os.environ or f"AWS_ENDPOINT_URL_{self._service.upper()}" in os.environ
        if elsewhere and session.get_credentials() is None:
            options |= {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
        config = Config(connect_timeout=5, read_timeout=20, retries={"max_attempts": 2})
        return session.client(self._service, config=config, **options)  # type: ignore[call-overload]
