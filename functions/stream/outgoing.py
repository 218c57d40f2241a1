"""Delivery of records to Kafka: one producer for the life of the execution environment."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from brokers import client_settings
from confluent_kafka import KafkaError, KafkaException, Message, Producer
from incoming import Header
from telemetry import logger

DELIVERY_SECONDS = 15.0
"""How long a record may be under way. The function's own time limit leaves room for it."""

MAX_UNCOMPRESSED_BYTES = 20_000_000
"""More than the 6 MB of an invocation's payload, whose headers take up to five bytes for one."""


class Outbox:
    """Sends records and tells which of them did not arrive.

    The producer is idempotent, so that its own retries neither repeat nor reorder records. It connects when the first
    record is sent: a broker that is down fails no cold start. Batches are compressed, because a record that came in a
    compressed batch may be larger than the broker's ``message.max.bytes``; with gzip, which every client can read.
    """

    def __init__(self, client: Callable[[], dict[str, str]]) -> None:
        """``client`` gives addresses and credentials, and is asked again after a failure: secrets are rotated."""
        self._client = client
        self._settings: dict[str, Any] = {
            "enable.idempotence": True,
            "linger.ms": 0,
            "message.timeout.ms": int(1000 * DELIVERY_SECONDS),
            "compression.type": "gzip",
            "message.max.bytes": MAX_UNCOMPRESSED_BYTES,  # the broker's own limit is on what is left of it
            "log_level": 0,  # failures come as delivery reports
        }
        self._producer: Producer | None = Producer({**self._settings, **client()})
        self._pending: dict[int, KafkaError] = {}  # not acknowledged, and why as far as that is known

    def put(self, ticket: int, topic: str, key: bytes | None, value: bytes | None, headers: Iterable[Header]) -> None:
        """Queue a record. ``ticket`` stands for it in what ``flush`` returns."""

        def report(error: KafkaError | None, _: Message) -> None:
            if error is None:
                self._pending.pop(ticket, None)
            else:
                self._pending[ticket] = error

        if self._producer is None:
            self._producer = Producer({**self._settings, **self._client()})
        self._pending[ticket] = KafkaError(KafkaError._MSG_TIMED_OUT)
        try:
            while True:
                try:
                    self._producer.produce(topic, value, key, headers=list(headers), on_delivery=report)
                    return
                except BufferError:
                    self._producer.poll(0.05)  # the queue is full: let some of it go
        except KafkaException as error:
            self._pending[ticket] = error.args[0]

    def flush(self, seconds: float) -> dict[int, KafkaError]:
        """Wait until every record is acknowledged or given up. The tickets that did not arrive, and why.

        A record that nobody reports on has not arrived: only an acknowledgement counts.
        """
        if self._producer is not None and self._producer.flush(seconds):
            # What is still under way must not arrive after it has been reported as failed.
            self._producer.purge()
            self._producer.flush(1.0)
        failed, self._pending = self._pending, {}
        if failed:
            logger.warning(
                "records were not delivered", extra={"count": len(failed), "reason": next(iter(failed.values())).str()}
            )
            self._producer = None  # an idempotent one does not outlive a lost record
        return failed


def is_too_large(error: KafkaError) -> bool:
    """Whether the record can never be delivered as it is: it exceeds the topic's ``max.message.bytes``."""
    return error.code() == KafkaError.MSG_SIZE_TOO_LARGE


outbox = Outbox(client_settings)
