"""How many records of a topic a consumer group has still to process."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from confluent_kafka import Consumer, KafkaException, TopicPartition

_SECONDS = 5.0
_COORDINATOR_SECONDS = 20.0  # just after the broker's start, its coordinator of groups is still loading


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
        for place in consumer.committed(places, timeout=_COORDINATOR_SECONDS):
            first, end = consumer.get_watermark_offsets(place, timeout=_SECONDS)
            waiting += end - max(first, place.offset)  # without a commit the offset is negative
        return waiting
    except KafkaException:
        return None
    finally:
        consumer.close()
