"""Where discarded records go: an SQS queue, an SNS topic, an S3 bucket, a topic of the same Kafka cluster.

A delivery that fails raises, and is the caller's to repeat: nothing is given up silently.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import orjson

from lambda_emulator.arn import Arn
from lambda_emulator.delivery import DeliveryError, attempt, to_bucket, to_queue, to_topic
from lambda_emulator.event_source.batches.failed_batches import FailedBatch
from lambda_emulator.event_source.kafka.cluster import without_consumer_settings
from lambda_emulator.event_source.kafka.records import Record
from lambda_emulator.threads import in_thread

_LOG = logging.getLogger(__name__)
_FLUSH_SECONDS = 30.0
_MAX_UNCOMPRESSED_BYTES = 200_000_000  # no limit of ours: the cluster's own is on what compression leaves


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
        self._arn = Arn.parse(arn)
        self._mapping_id = mapping_id

    async def send(self, failed: FailedBatch) -> None:
        await in_thread(lambda: attempt(self._arn, lambda: self._send(failed)), "destination")

    def _send(self, failed: FailedBatch) -> None:
        if self._arn.service == "s3":
            to_bucket(self._arn, orjson.dumps(failed.with_payload()), self._mapping_id)
        else:
            send = to_queue if self._arn.service == "sqs" else to_topic
            send(self._arn, orjson.dumps(failed.summary()).decode())
