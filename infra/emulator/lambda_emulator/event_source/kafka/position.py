"""Where a consumer group starts in a topic: settled once, before the first poller joins.

Mirrors "Polling and stream starting positions" for Kafka. A group that has committed offsets goes on from there,
whatever the mapping says. For LATEST and AT_TIMESTAMP the start is committed at once, for all partitions: a mapping
that is stopped before its first record then loses nothing that was written meanwhile.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from confluent_kafka import Consumer, KafkaException, TopicPartition

from lambda_emulator.event_source.config import MappingConfig

_LOG = logging.getLogger(__name__)
_SECONDS = 5.0


class TopicNotReadyError(RuntimeError):
    """The topic is not there, or the cluster does not answer. The text is what AWS would show as the problem."""


def settle_position(config: MappingConfig, group: str, kafka: Mapping[str, Any]) -> int:
    """See to it that the group has its starting position; the topic's number of partitions.

    Blocks for some seconds at most. Raises TopicNotReadyError.
    """
    try:
        consumer = Consumer({**kafka, "group.id": group, "enable.auto.commit": False, "log_level": 0})
    except KafkaException as error:
        raise TopicNotReadyError(f"Kafka client settings: {error.args[0].str()}") from None
    try:
        places = _partitions(consumer, config.topic)
        if config.starting_position != "TRIM_HORIZON":
            _anchor(consumer, config, places)
        return len(places)
    except KafkaException as error:
        raise TopicNotReadyError(f"Connection error. {error.args[0].str()}") from None
    finally:
        consumer.close()


def _partitions(consumer: Any, topic: str) -> list[TopicPartition]:
    metadata = consumer.list_topics(topic, timeout=_SECONDS).topics[topic]
    if metadata.error or not metadata.partitions:
        raise TopicNotReadyError(f"The topic {topic} does not exist.")
    return [TopicPartition(topic, partition) for partition in sorted(metadata.partitions)]


def _anchor(consumer: Any, config: MappingConfig, places: list[TopicPartition]) -> None:
    if any(place.offset >= 0 for place in consumer.committed(places, timeout=_SECONDS)):
        return
    starts = _starts(consumer, config, places)
    try:
        consumer.commit(offsets=starts, asynchronous=False)
    except KafkaException as error:
        # A group with members takes no commit from outside it: another process was first.
        _LOG.debug("%s: the starting position was not committed: %s", config.topic, error.args[0].str())


def _starts(consumer: Any, config: MappingConfig, places: list[TopicPartition]) -> list[TopicPartition]:
    found = {}
    if config.starting_timestamp is not None:
        moment = int(config.starting_timestamp * 1000)
        asked = [TopicPartition(config.topic, place.partition, moment) for place in places]
        found = {each.partition: each.offset for each in consumer.offsets_for_times(asked, timeout=_SECONDS)}
    starts = []
    for place in places:
        offset = found.get(place.partition, -1)
        if offset < 0:  # nothing that young yet: from the end
            _, offset = consumer.get_watermark_offsets(place, timeout=_SECONDS)
        starts.append(TopicPartition(config.topic, place.partition, offset))
    return starts
