"""Writes every record to an output topic, under its own key, and returns once the broker has all of them."""

from __future__ import annotations

import base64
import os
from typing import Any

from confluent_kafka import Producer

producer = Producer(
    {"bootstrap.servers": os.environ["KAFKA_BOOTSTRAP_SERVERS"], "enable.idempotence": True, "linger.ms": 1}
)


def handler(event: dict[str, Any], _context: object) -> None:
    """Write each record of the batch to the output topic, and fail the batch if one is not acknowledged."""
    failures: list[str] = []

    def delivered(error: object, _message: object) -> None:
        if error is not None:
            failures.append(str(error))

    for records in event["records"].values():
        for record in records:
            place = f"{record['partition']} {record['offset']}".encode()
            producer.produce("soak_output", key=base64.b64decode(record["key"]), value=place, on_delivery=delivered)
    if producer.flush(20) or failures:
        raise RuntimeError(f"not delivered: {failures[:1]}")
