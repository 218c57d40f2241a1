"""The Kafka function and `/stream/test` with a real broker: what goes where, and what is brought again."""

import base64
import json
import os
import subprocess
import sys
import time
import uuid
from types import SimpleNamespace

import pytest
from confluent_kafka import OFFSET_BEGINNING, Consumer, TopicPartition
from kafka import KafkaConsumer

from stellar.schema import EXAMPLE
from stellar_local_stack.kafka import ApacheBroker, EmbeddedBroker, create_topics
from stellar_local_stack.kafka.jars import missing_programs
from support.functions import load_function
from support.http_events import CONTEXT, event


def context(seconds):
    """A Lambda context with that much time left."""
    return SimpleNamespace(**vars(CONTEXT), get_remaining_time_in_millis=lambda: 1000 * seconds)


@pytest.fixture(scope="module")
def broker():
    with EmbeddedBroker() as running:
        create_topics(running.client_config())
        yield running


@pytest.fixture
def environment(broker, monkeypatch):
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", broker.bootstrap_servers)
    monkeypatch.setenv("POWERTOOLS_METRICS_DISABLED", "true")
    monkeypatch.setenv("POWERTOOLS_TRACE_DISABLED", "true")
    monkeypatch.delenv("MODEL_BUCKET", raising=False)


@pytest.fixture
def handle(environment):
    with load_function("stream") as app:
        yield lambda records: app.lambda_handler(kafka_event(records), context(30))


def kafka_event(records):
    """The mapping's event of (partition, offset, key, value, headers)."""
    groups = {}
    for partition, offset, key, value, headers in records:
        record = {
            "topic": "star_features_input",
            "partition": partition,
            "offset": offset,
            "timestamp": 1_700_000_000_000 + offset,
            "timestampType": "CREATE_TIME",
            "value": base64.b64encode(value).decode(),
            "headers": headers,
        }
        if key is not None:
            record["key"] = base64.b64encode(key).decode()
        groups.setdefault(f"star_features_input-{partition}", []).append(record)
    return {"eventSource": "aws:kafka", "eventSourceArn": "arn", "bootstrapServers": "b", "records": groups}


def read(broker, topic, wanted, key=None):
    """Records of a topic from its beginning, those of one key if one is given, until there are as many as wanted."""
    consumer = Consumer({**broker.client_config(), "group.id": uuid.uuid4().hex, "log_level": 0})
    partitions = consumer.list_topics(topic, timeout=10).topics[topic].partitions
    consumer.assign([TopicPartition(topic, partition, OFFSET_BEGINNING) for partition in partitions])
    found, deadline = [], time.monotonic() + 20
    while len(found) < wanted and time.monotonic() < deadline:
        message = consumer.poll(0.2)
        if message is not None and not message.error() and (key is None or message.key() == key):
            found.append(message)
    consumer.close()
    return found


def test_prediction_keeps_key_and_headers_and_tells_its_source(broker, handle):
    key = uuid.uuid4().bytes
    value = json.dumps(EXAMPLE | {"obj_ID": 1237663784734294016}).encode()
    assert handle([(3, 7, key, value, [{"trace": [-61, 1]}])]) == {"batchItemFailures": []}
    (answer,) = read(broker, "star_predictions_output", 1, key)
    content = json.loads(answer.value())
    assert content["prediction"]["str_output"] == "Galaxy"
    assert content["obj_ID"] == 1237663784734294016
    source = {"topic": "star_features_input", "partition": 3, "offset": 7, "timestamp": 1_700_000_000_007}
    assert content["source"] == source
    assert answer.headers() == [
        ("trace", b"\xc3\x01"),
        ("model_version", content["prediction"]["model_version"].encode()),
    ]


@pytest.mark.parametrize(
    ("value", "kind", "word"),
    [
        (b"not json \xff", "not_json", "JSON"),
        (json.dumps(EXAMPLE | {"u": -9999}).encode(), "invalid", "not measured"),
        (b"[]", "invalid", "object"),
        (b'{"u": NaN}', "not_json", "JSON"),
    ],
)
def test_poison_goes_to_the_dead_letters_untouched_and_the_batch_goes_on(broker, handle, value, kind, word):
    key, good = uuid.uuid4().bytes, uuid.uuid4().bytes
    records = [(0, 1, key, value, [{"h": [1]}]), (0, 2, good, json.dumps(EXAMPLE).encode(), [])]
    assert handle(records) == {"batchItemFailures": []}
    (letter,) = read(broker, "star_features_dlq", 1, key)
    headers = dict(letter.headers())
    assert letter.value() == value
    assert headers["h"] == b"\x01"
    assert headers["error_type"].decode() == kind
    assert word in headers["error_message"].decode()
    assert (headers["source_partition"], headers["source_offset"]) == (b"0", b"1")
    assert len(read(broker, "star_predictions_output", 1, good)) == 1


def test_a_client_with_no_codec_of_its_own_reads_the_prediction(broker, handle):
    key = uuid.uuid4().bytes
    handle([(0, 1, key, json.dumps(EXAMPLE).encode(), [])])
    servers = broker.bootstrap_servers
    consumer = KafkaConsumer("star_predictions_output", bootstrap_servers=servers, auto_offset_reset="earliest")
    try:
        assert any(record.key == key for record in consumer)
    finally:
        consumer.close()


def test_record_without_a_key_is_answered_without_one(handle):
    assert handle([(0, 1, None, json.dumps(EXAMPLE).encode(), [])]) == {"batchItemFailures": []}


def test_what_is_not_delivered_is_reported_and_what_follows_it_in_its_partition(monkeypatch):
    with EmbeddedBroker() as lost:
        create_topics(lost.client_config())
        monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", lost.bootstrap_servers)
        monkeypatch.setenv("POWERTOOLS_METRICS_DISABLED", "true")
        monkeypatch.delenv("MODEL_BUCKET", raising=False)
        value = json.dumps(EXAMPLE).encode()
        with load_function("stream") as app:
            records = [(0, 1, b"a", value, []), (0, 2, b"b", value, []), (1, 9, b"c", value, [])]
            lost.kill()
            answer = app.lambda_handler(kafka_event(records), context(3))
            again = {
                (item["itemIdentifier"]["partition"], item["itemIdentifier"]["offset"])
                for item in answer["batchItemFailures"]
            }
            assert again == {("star_features_input-0", 1), ("star_features_input-0", 2), ("star_features_input-1", 9)}
            lost.start()
            create_topics(lost.client_config())
            deadline = time.monotonic() + 20
            while app.lambda_handler(kafka_event(records), context(10)) != {"batchItemFailures": []}:
                assert time.monotonic() < deadline
            assert {record.key() for record in read(lost, "star_predictions_output", 3)} == {b"a", b"b", b"c"}


def test_stream_test_tells_where_the_record_is(broker, environment):
    with load_function("rest") as app:
        answer = app.lambda_handler(event("POST", "/stream/test", json.dumps(EXAMPLE)), CONTEXT)
        sys.modules["stream_test"]._producer().close()
    assert answer["statusCode"] == 202
    place = json.loads(answer["body"])
    assert place["topic"] == "star_features_input"
    records = read(broker, place["topic"], 1)
    assert any((r.partition(), r.offset()) == (place["partition"], place["offset"]) for r in records)


def test_stream_test_refuses_what_cannot_be_classified(environment):
    with load_function("rest") as app:
        answer = app.lambda_handler(event("POST", "/stream/test", json.dumps(EXAMPLE | {"redshift": "x"})), CONTEXT)
    assert answer["statusCode"] == 422
    assert json.loads(answer["body"])["errors"][0]["field"] == "redshift"


def test_a_broker_that_is_down_fails_no_cold_start():
    code = "import app; print('loaded')"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd="functions/stream",
        env={"KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:9", "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert "loaded" in done.stdout


@pytest.fixture(scope="module")
def apache():
    """Apache Kafka with the limits that it comes with."""
    if absent := missing_programs():
        pytest.skip(f"Apache Kafka needs {' and '.join(absent)}, which are not installed")
    with ApacheBroker() as running:
        create_topics(running.client_config())
        yield running


@pytest.fixture
def handle_with_apache(apache, environment, monkeypatch):
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", apache.bootstrap_servers)
    with load_function("stream") as app:
        yield lambda records: app.lambda_handler(kafka_event(records), context(30))


def test_poison_that_is_larger_than_the_cluster_takes_uncompressed_is_copied_compressed(apache, handle_with_apache):
    value, key = b"not json" * 250_000, uuid.uuid4().bytes
    assert handle_with_apache([(0, 1, key, value, [])]) == {"batchItemFailures": []}
    (letter,) = read(apache, "star_features_dlq", 1, key)
    assert letter.value() == value


def test_poison_that_no_compression_makes_small_enough_is_referred_to(apache, handle_with_apache):
    value, key, good = os.urandom(2_000_000), uuid.uuid4().bytes, uuid.uuid4().bytes
    records = [(3, 41, key, value, [{"h": [1]}]), (3, 42, good, json.dumps(EXAMPLE).encode(), [])]
    assert handle_with_apache(records) == {"batchItemFailures": []}
    (letter,) = read(apache, "star_features_dlq", 1, key)
    content, headers = json.loads(letter.value()), dict(letter.headers())
    size = len(key) + len(value) + 2
    assert content["reference"] == {"topic": "star_features_input", "partition": 3, "offset": 41, "size": size}
    assert content["error_type"] == headers["error_type"].decode() == "not_json"
    assert "JSON" in content["error_message"]
    assert content["not_copied"]
    assert (headers["source_partition"], headers["source_offset"]) == (b"3", b"41")
    assert headers["source_size"] == str(size).encode()
    assert len(read(apache, "star_predictions_output", 1, good)) == 1


def test_a_prediction_whose_headers_are_too_large_to_go_with_it_is_referred_to(apache, handle_with_apache):
    key = uuid.uuid4().bytes
    headers = [{"h": list(os.urandom(1_200_000))}]
    assert handle_with_apache([(0, 5, key, json.dumps(EXAMPLE).encode(), headers)]) == {"batchItemFailures": []}
    (letter,) = read(apache, "star_features_dlq", 1, key)
    assert json.loads(letter.value())["error_type"] == "prediction_too_large"
