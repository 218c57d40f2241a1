"""Notices that a topic was deleted, or made again under the same name, which the Kafka client does not tell.

The client goes on in a new topic at the offsets of the old one, and so passes over what was written first. Topics
have ids for that reason (KIP-516, "Topic Identifiers"): another id is another topic.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from confluent_kafka import KafkaError, KafkaException, TopicCollection
from confluent_kafka.admin import AdminClient

from lambda_emulator.event_source.kafka.cluster import without_consumer_settings

_SECONDS = 5.0


class TopicWatch:
    """Asks the brokers for one topic. ``kafka`` are librdkafka settings."""

    def __init__(self, topic: str, kafka: Mapping[str, Any]) -> None:
        self._topic = topic
        self._admin: Any = AdminClient({**without_consumer_settings(kafka), "log_level": 0})
        self._known: str | None = None
        self.exists = True

    def has_changed(self) -> bool:
        """Whether the topic is another than it was when last asked. Blocks; brokers that do not answer say nothing."""
        try:
            asked = self._admin.describe_topics(TopicCollection([self._topic]), request_timeout=_SECONDS)
            found = str(asked[self._topic].result().topic_id)
        except KafkaException as error:
            if error.args[0].code() == KafkaError.UNKNOWN_TOPIC_OR_PART:
                self.exists = False
            return False
        known, self._known, self.exists = self._known, found, True
        return known not in (None, found)
