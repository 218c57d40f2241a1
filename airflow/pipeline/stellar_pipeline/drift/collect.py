"""Recent inputs joined with their predictions, from Kafka to ``drift/observations/``.

A prediction names the topic, partition and offset of its input. Both topics are read from their beginning and without
a consumer group, which leaves no trace on the broker and relies neither on ``latest`` nor on end offsets: the embedded
broker tells the latter wrong. What is kept meanwhile is bounded by the limit, however long the topics are.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import polars as pl
from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, KafkaException, Message, TopicPartition

from stellar.schema import CLASSES, FIELDS
from stellar_pipeline.errors import TransientError
from stellar_pipeline.object_store import open_root
from stellar_service import topics

OBSERVATIONS = "drift/observations/"

QUIET_SECONDS = 2.0
"""A topic that has given nothing for so long is taken to have been read to its end."""

Place = tuple[str, int, int]
"""Topic, partition and offset of an input."""

_KINDS = {field.name: pl.Int64 if field.type is int else pl.Float64 for field in FIELDS}
_SCHEMA = pl.Schema(
    {
        **_KINDS,
        "label": pl.Enum(CLASSES),
        "model_version": pl.String,
        "model_variant": pl.String,
        "partition": pl.Int32,
        "offset": pl.Int64,
        "timestamp": pl.Int64,
    }
)


class BrokerUnreachableError(TransientError):
    """Kafka did not answer."""


def collect(
    root: str,
    bootstrap_servers: str,
    *,
    limit: int = 10_000,
    seconds: float = 30.0,
    inputs_topic: str = topics.FEATURES,
    predictions_topic: str = topics.PREDICTIONS,
) -> dict[str, Any]:
    """Keep the latest ``limit`` predicted objects as one Parquet file; at most ``seconds`` are spent on reading.

    Returns ``rows``, ``unmatched`` (predictions whose input is gone, or was not reached in time) and ``uri``, which is
    None where there was nothing. Raises BrokerUnreachableError, StorageError.
    """
    objects = open_root(root)
    deadline = time.monotonic() + seconds
    predictions = _latest_predictions(bootstrap_servers, predictions_topic, limit, deadline)
    rows = _join(bootstrap_servers, inputs_topic, predictions, deadline) if predictions else []
    found = {"rows": len(rows), "unmatched": len(predictions) - len(rows), "uri": None}
    if not rows:
        return found
    name = f"{OBSERVATIONS}{datetime.now(UTC):%Y%m%dT%H%M%S%fZ}.parquet"
    with objects.workspace() as folder:
        path = folder / "observations.parquet"
        pl.DataFrame(rows, schema=_SCHEMA, orient="row").sort("timestamp", "partition", "offset").write_parquet(path)
        objects.put(name, path)
    return {**found, "uri": objects.uri(name)}


def _latest_predictions(
    servers: str, topic: str, limit: int, deadline: float
) -> dict[Place, tuple[int, dict[str, Any]]]:
    """Predictions and the time [ms] of their inputs. One that was delivered twice counts once."""
    found: dict[Place, tuple[int, dict[str, Any]]] = {}
    for message in _messages(servers, topic, deadline):
        try:
            content = json.loads(message.value() or b"")
            source, prediction = content["source"], content["prediction"]
            place = (str(source["topic"]), int(source["partition"]), int(source["offset"]))
            found[place] = (int(source["timestamp"]), prediction)
        except (ValueError, KeyError, TypeError):
            continue  # whatever else was put on the topic is no prediction
        if len(found) > 2 * limit:
            found = _latest(found, limit)
    return _latest(found, limit)


def _latest(found: dict[Place, tuple[int, dict[str, Any]]], limit: int) -> dict[Place, tuple[int, dict[str, Any]]]:
    return dict(sorted(found.items(), key=lambda item: (item[1][0], item[0]))[-limit:])


def _join(
    servers: str, topic: str, predictions: dict[Place, tuple[int, dict[str, Any]]], deadline: float
) -> list[tuple[Any, ...]]:
    wanted = {place: prediction for place, prediction in predictions.items() if place[0] == topic}
    rows: list[tuple[Any, ...]] = []
    for message in _messages(servers, topic, deadline):
        partition, offset = message.partition(), message.offset()
        if (found := wanted.pop((topic, partition or 0, offset or 0), None)) is None:
            continue
        timestamp, prediction = found
        try:
            features = json.loads(message.value() or b"")
            measured = [None if features.get(name) is None else float(features[name]) for name in _KINDS]
            numbers = [
                int(value) if value is not None and kind == pl.Int64 else value
                for value, kind in zip(measured, _KINDS.values(), strict=True)
            ]
            answer = (prediction["label"], prediction["model_version"], prediction["model_variant"])
        except (ValueError, KeyError, TypeError, AttributeError):
            continue  # a topic made anew: another record stands where the predicted one stood
        rows.append((*numbers, *answer, partition, offset, timestamp))
        if not wanted:
            break
    return rows


def _messages(servers: str, topic: str, deadline: float) -> Iterator[Message]:
    """The topic's messages from its beginning, until it is quiet or the time is over."""
    consumer = Consumer(
        {
            "bootstrap.servers": servers,
            "group.id": "stellar-drift",  # asked for by the client, but never joined
            "enable.auto.commit": False,
            "auto.offset.reset": "earliest",
            "log_level": 0,
        }
    )
    try:
        partitions = _partitions(consumer, servers, topic, deadline)
        if not partitions:
            return
        consumer.assign([TopicPartition(topic, number, OFFSET_BEGINNING) for number in partitions])
        heard = time.monotonic()
        while (now := time.monotonic()) < deadline and now - heard < QUIET_SECONDS:
            for message in consumer.consume(1000, 0.2):
                if message.error() is None:
                    heard = time.monotonic()
                    yield message
    finally:
        consumer.close()


def _partitions(consumer: Consumer, servers: str, topic: str, deadline: float) -> list[int]:
    """The topic's partitions; none if there is no such topic. Raises BrokerUnreachableError."""
    try:
        seconds = min(10.0, max(0.5, deadline - time.monotonic()))
        found = consumer.list_topics(topic, timeout=seconds).topics[topic]
    except KafkaException as error:
        raise BrokerUnreachableError(f"Kafka at {servers} does not answer: {error.args[0].str()}") from None
    if found.error is not None and found.error.code() == KafkaError.UNKNOWN_TOPIC_OR_PART:
        return []
    return sorted(found.partitions)
