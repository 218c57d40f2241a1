"""Who answers over Kafka: put an object on the input topic, and read which model the prediction is by."""

from __future__ import annotations

import json
import time
import uuid

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaException, Producer, TopicPartition

from stellar.schema import EXAMPLE
from stellar_pipeline.release.serving_version import ServingVersion
from stellar_service.topics import FEATURES, PREDICTIONS

_SECONDS = 15.0


def kafka_serving_version(bootstrap_servers: str, seconds: float = _SECONDS) -> ServingVersion:
    """Ask once. Never raises: what is away says so.

    The predictions are read from their beginning: the embedded broker tells the end of a topic wrong.
    """
    key = uuid.uuid4().hex.encode()
    client = {"bootstrap.servers": bootstrap_servers, "log_level": 0}
    consumer = Consumer({**client, "group.id": f"stellar-mlops-{key.decode()}", "enable.auto.commit": False})
    try:
        partitions = consumer.list_topics(PREDICTIONS, seconds).topics[PREDICTIONS].partitions
        consumer.assign([TopicPartition(PREDICTIONS, number, OFFSET_BEGINNING) for number in partitions])
        producer = Producer(client)
        producer.produce(FEATURES, json.dumps(dict(EXAMPLE)).encode(), key)
        producer.flush(seconds)
        version = _answer(consumer, key, time.monotonic() + seconds)
    except KafkaException as error:
        return ServingVersion("Kafka", bootstrap_servers, problem=error.args[0].str())
    finally:
        consumer.close()
    return ServingVersion("Kafka", bootstrap_servers, version, None if version else f"no answer within {seconds:g} s")


def _answer(consumer: Consumer, key: bytes, deadline: float) -> str | None:
    while time.monotonic() < deadline:
        for message in consumer.consume(500, 0.2):
            if message.error() is None and message.key() == key:
                return str(json.loads(message.value() or b"{}")["prediction"]["model_version"])
    return None
