"""Inputs and predictions from a real broker, classified by the real model, kept in a real S3."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from dataclasses import asdict
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from confluent_kafka import Producer

from stellar import open_store, validate
from stellar.schema import FIELDS
from stellar_local_stack.kafka import ApacheBroker, BrokerProcess, EmbeddedBroker, Topic, create_topics
from stellar_pipeline.data.synth import generate
from stellar_pipeline.drift import collect, measure
from stellar_pipeline.drift.collect import BrokerUnreachableError
from stellar_pipeline.etl.chain import run
from support.ports import free_ports

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


@pytest.fixture(scope="module")
def broker() -> Iterator[EmbeddedBroker]:
    with EmbeddedBroker() as running:
        yield running


class Stream:
    """The two topics, under names of the test's own, and a function that answers as the deployed one does."""

    def __init__(self, broker: BrokerProcess) -> None:
        ident = uuid.uuid4().hex[:8]
        self.inputs, self.predictions = f"in-{ident}", f"out-{ident}"
        self.broker = broker
        create_topics(broker.client_config(), [Topic(self.inputs, 4), Topic(self.predictions, 2)])
        self._producer = Producer({**broker.client_config(), "enable.idempotence": True})

    def send(self, objects: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Put objects on the input topic; where each of them went."""
        places: list[dict[str, Any]] = []

        def arrived(_: Any, message: Any) -> None:
            _, timestamp = message.timestamp()
            where = {"topic": message.topic(), "partition": message.partition(), "offset": message.offset()}
            places.append({**where, "timestamp": timestamp, "object": json.loads(message.value())})

        for number, each in enumerate(objects):
            self._producer.produce(self.inputs, json.dumps(each), str(number), on_delivery=arrived)
        assert self._producer.flush(30) == 0
        return places

    def answer(self, places: list[dict[str, Any]]) -> None:
        """Classify what was sent, and put the answers on the other topic."""
        store = open_store()
        predictions = store.classifier.classify(validate([place["object"] for place in places]))
        for place, prediction in zip(places, predictions, strict=True):
            source = {name: value for name, value in place.items() if name != "object"}
            content = {"prediction": asdict(prediction), "obj_ID": place["object"]["obj_ID"], "source": source}
            self.put(json.dumps(content).encode())
        assert self._producer.flush(30) == 0

    def put(self, value: bytes) -> None:
        self._producer.produce(self.predictions, value)

    def collect(self, root: str, **options: Any) -> dict[str, Any]:
        topics = {"inputs_topic": self.inputs, "predictions_topic": self.predictions}
        return collect(root, self.broker.bootstrap_servers, **topics, **options)


@pytest.fixture
def stream(broker: EmbeddedBroker, monkeypatch: pytest.MonkeyPatch) -> Stream:
    monkeypatch.delenv("MODEL_BUCKET", raising=False)
    return Stream(broker)


def objects(number: int, **changes: Any) -> list[dict[str, Any]]:
    """Synthetic objects as clients send them, without the odd sentinel."""
    [chunk] = generate(number, 5)
    rows = zip(*(chunk[field.name].tolist() for field in FIELDS), strict=True)
    found = [dict(zip((field.name for field in FIELDS), row, strict=True)) for row in rows]
    return [{**each, **changes} for each in found if each["u"] > -9999]


def read(s3: S3Client, uri: str) -> pl.DataFrame:
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    return pl.read_parquet(BytesIO(s3.get_object(Bucket=bucket, Key=key)["Body"].read()))


def test_every_prediction_finds_its_input(stream: Stream, s3: S3Client, bucket: str) -> None:
    places = stream.send(objects(300))
    stream.answer(places)
    found = stream.collect(f"s3://{bucket}/data")
    assert (found["rows"], found["unmatched"]) == (len(places), 0)
    rows = read(s3, found["uri"])
    sent = {(place["partition"], place["offset"]): place["object"] for place in places}
    for row in rows.iter_rows(named=True):
        assert row["r"] == sent[row["partition"], row["offset"]]["r"]
    assert set(rows["label"]) == {"GALAXY", "QSO", "STAR"}


def test_apache_kafka_gives_the_same(apache: ApacheBroker, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("MODEL_BUCKET", raising=False)
    stream = Stream(apache)
    places = stream.send(objects(100))
    stream.answer(places)
    found = stream.collect(str(tmp_path))
    assert (found["rows"], found["unmatched"]) == (len(places), 0)


def test_what_was_collected_is_measured_against_the_training_rows(stream: Stream, bucket: str) -> None:
    root = f"s3://{bucket}/data"
    assert len(list(run(root, rows=4000, seed=3))) == 4
    stream.answer(stream.send(objects(1200)))
    stream.collect(root)
    found = measure(root)
    assert not found["drifted"], found
    # WHEN objects of another kind come, the latest of all
    stream.answer(stream.send(objects(1200, redshift=3.0)))
    stream.collect(root, limit=1000)
    found = measure(root)
    assert found["drifted"]
    assert found["psi"]["redshift"] > 1
    assert found["report"].startswith(f"s3://{bucket}/data/drift/reports/")


def test_the_limit_takes_the_latest_inputs(stream: Stream, tmp_path: Path) -> None:
    places = stream.send(objects(40))
    for place in places:
        place["timestamp"] += place["offset"]
    stream.answer(places)
    found = stream.collect(str(tmp_path), limit=10)
    latest = sorted((place["timestamp"], place["partition"], place["offset"]) for place in places)[-10:]
    rows = pl.read_parquet(found["uri"])
    assert sorted(rows.select("timestamp", "partition", "offset").rows()) == latest


def test_objects_without_a_redshift_are_kept_as_such(stream: Stream, tmp_path: Path) -> None:
    stream.answer(stream.send(objects(20, redshift=None)))
    rows = pl.read_parquet(stream.collect(str(tmp_path))["uri"])
    assert rows["redshift"].null_count() == len(rows) > 0
    assert set(rows["model_variant"]) == {"photometric"}


def test_a_prediction_without_its_input_and_what_is_no_prediction_are_passed_over(
    stream: Stream, tmp_path: Path
) -> None:
    places = stream.send(objects(20))
    stream.put(b"not JSON")
    stream.put(b'{"prediction": 1}')
    lost = {**places[0], "offset": 10_000}
    stream.answer([*places, places[1], lost])
    found = stream.collect(str(tmp_path), seconds=10)
    assert (found["rows"], found["unmatched"]) == (len(places), 1)


def test_an_empty_stream_leaves_no_file(stream: Stream, tmp_path: Path) -> None:
    assert stream.collect(str(tmp_path)) == {"rows": 0, "unmatched": 0, "uri": None}
    assert list(tmp_path.iterdir()) == []


def test_a_stream_without_topics_is_empty(broker: EmbeddedBroker, tmp_path: Path) -> None:
    found = collect(str(tmp_path), broker.bootstrap_servers, predictions_topic=f"none-{uuid.uuid4().hex}")
    assert found["rows"] == 0


def test_a_broker_that_is_not_there_is_named(tmp_path: Path) -> None:
    [port] = free_ports(1)
    with pytest.raises(BrokerUnreachableError, match=f"127.0.0.1:{port} does not answer"):
        collect(str(tmp_path), f"127.0.0.1:{port}", seconds=1)
