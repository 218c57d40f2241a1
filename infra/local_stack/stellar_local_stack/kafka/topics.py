"""The topics of this project, and making topics on any broker."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from stellar_local_stack.kafka.process import BrokerError
from stellar_service.topics import DEAD_LETTERS, FEATURES, PREDICTIONS


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic to be made; one replica, as a local cluster has one broker."""

    name: str
    partitions: int


TOPICS = (
    # As many partitions as batches that may be in flight at a time: each keeps its own order.
    Topic(FEATURES, 8),
    Topic(PREDICTIONS, 8),
    # Few records are expected here, and one partition keeps them in the order of their failing.
    Topic(DEAD_LETTERS, 1),
)


def create_topics(client: Mapping[str, str], topics: Iterable[Topic] = TOPICS, seconds: float = 30.0) -> list[str]:
    """Make the topics that are not there yet; the names of those that were made.

    ``client`` are librdkafka settings (``bootstrap.servers`` at least). Raises BrokerError.
    """
    admin = AdminClient({**client, "log_level": 0})
    wanted = [NewTopic(topic.name, topic.partitions, 1) for topic in topics]
    made = []
    for name, future in admin.create_topics(wanted, operation_timeout=seconds, request_timeout=seconds).items():
        try:
            future.result()
        except KafkaException as error:
            if error.args[0].code() != KafkaError.TOPIC_ALREADY_EXISTS:
                raise BrokerError(f"The topic {name} could not be made: {error.args[0].str()}") from None
        else:
            made.append(name)
    return made


def list_topics(client: Mapping[str, str], seconds: float = 5.0) -> dict[str, int]:
    """Every topic that is not Kafka's own, and its number of partitions. Raises BrokerError."""
    try:
        metadata = AdminClient({**client, "log_level": 0}).list_topics(timeout=seconds)
    except KafkaException as error:
        address = client["bootstrap.servers"]
        raise BrokerError(f"No broker answers at {address}: {error.args[0].str()}") from None
    return {name: len(topic.partitions) for name, topic in metadata.topics.items() if not name.startswith("__")}
