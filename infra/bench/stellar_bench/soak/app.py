"""Writes every record to an output topic, under its own key, and returns once the broker has all of them.

A value tells which input it stands for, and which process wrote it. The first batch of a process and one in fifty of
the others fail before anything is written: a poller that took an error for a success would lose them.
"""

from __future__ import annotations

import base64
import itertools
import os
import random
from typing import Any

from confluent_kafka import Producer

OUTPUT = os.environ["SOAK_OUTPUT"]
FAILING = 0.02
calls = itertools.count()
producer = Producer(
    {"bootstrap.servers": os.environ["KAFKA_BOOTSTRAP_SERVERS"], "enable.idempotence": True, "linger.ms": 1}
)


def handler(event: dict[str, Any], _context: object) -> None:
    """Write each record of the batch to the output topic, and fail the batch if one is not acknowledged."""
    if next(calls) == 0 or random.random() < FAILING:
        raise RuntimeError("this batch fails on purpose")
    failures: list[str] = []

    def delivered(error: object, _message: object) -> None:
        if error is not None:
            failures.append(str(error))

    for records in event["records"].values():
        for record in records:
            place = f"{record['partition']} {record['offset']} {os.getpid()}".encode()
            producer.produce(OUTPUT, key=base64.b64decode(record["key"]), value=place, on_delivery=delivered)
    if producer.flush(20) or failures:
        raise RuntimeError(f"not delivered: {failures[:1]}")
