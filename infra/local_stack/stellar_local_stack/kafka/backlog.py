"""How many records of a topic a consumer group has still to process."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition

_SECONDS = 5.0
_COORDINATOR_SECONDS = 20.0
_STARTING = frozenset(
    {KafkaError.NOT_COORDINATOR, KafkaError.COORDINATOR_NOT_AVAILABLE, KafkaError.COORDINATOR_LOAD_IN_PROGRESS}
)
"""What a broker says that has just started: who coordinates groups is not settled yet."""


@dataclass(frozen=True, slots=True)
class Reader:
    """A consumer group and what it reads."""

    group: str
    topic: str


def backlog(client: Mapping[str, str], reader: Reader) -> int | None:
    """The number of records after the group's committed offsets; None if the broker does not say."""
    consumer = Consumer({**client, "group.id": reader.group, "enable.auto.commit": False, "log_level": 0})
    try:
        partitions = consumer.list_topics(reader.topic, timeout=_SECONDS).topics[reader.topic].partitions
        places = [TopicPartition(reader.topic, partition) for partition in partitions]
        waiting = 0
        for place in _committed(consumer, places):
            first, end = consumer.get_watermark_offsets(place, timeout=_SECONDS)
            waiting += end - max(first, place.offset)  # without a commit the offset is negative
        return waiting
    except KafkaException:
        return None
    finally:
        consumer.close()


def _committed(consumer: Consumer, places: list[TopicPartition]) -> list[TopicPartition]:
    """The group's offsets. Raises KafkaException."""
    deadline = time.monotonic() + _COORDINATOR_SECONDS
    while True:
        try:
            return consumer.committed(places, timeout=max(0.1, deadline - time.monotonic()))
        except KafkaException as error:
            if error.args[0].code() not in _STARTING or time.monotonic() > deadline:
                raise
            time.sleep(0.1)
