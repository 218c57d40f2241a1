"""`stellar up` while its servers are killed: they come back, with what they held where it is kept."""

from __future__ import annotations

import json
import signal
import socket
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import psutil
import pytest
from botocore.exceptions import EndpointConnectionError
from confluent_kafka import OFFSET_BEGINNING, Consumer, Producer, TopicPartition

from stellar.schema import EXAMPLE
from stellar_local_stack.children import MOST_STARTS, Children
from stellar_local_stack.kafka.jars import missing_programs
from stellar_local_stack.model_bucket import BUCKET, local_client
from stellar_pipeline.release.serving_version import serving_versions
from support.up import Up, until

pytestmark = [pytest.mark.xdist_group("up"), pytest.mark.timeout(180)]


@pytest.fixture
def up() -> Iterator[Up]:
    with Up() as running:
        yield running


def test_grpc_server_and_page_that_are_killed_come_back(up: Up) -> None:
    version = up.get("/health")["model_version"]
    address = f"127.0.0.1:{up.ports['grpc']}"
    for words in (("grpc", "--port"), ("page", "--port")):
        (killed,) = up.processes(*words)
        killed.kill()
        until(lambda words=words, gone=killed: not gone.is_running() and up.processes(*words) != [])
    with grpc.insecure_channel(address) as channel:
        grpc.channel_ready_future(channel).result(30)
    assert [each.version for each in serving_versions(up.url(), address)] == [version] * 3
    until(lambda: page_answers(up))
    assert up.output.count("is started again") == 2
    assert up.end(signal.SIGINT) == 0


def page_answers(up: Up) -> bool:
    try:
        return up.get("/live/status", server="page")["kafka"] == "up"
    except OSError:
        return False


def test_no_record_is_lost_while_the_event_source_mapping_is_killed(up: Up) -> None:
    servers = f"127.0.0.1:{up.ports['kafka']}"
    keys = [uuid.uuid4().hex for _ in range(300)]
    producer = Producer({"bootstrap.servers": servers, "log_level": 0})
    for place, key in enumerate(keys):
        if place == 150:
            (mapping,) = up.processes("start-esm", "--metrics-port")
            mapping.kill()
        producer.produce("star_features_input", json.dumps(EXAMPLE).encode(), key)
        producer.poll(0.005)
    assert producer.flush(10) == 0
    consumer = Consumer({"bootstrap.servers": servers, "group.id": "reader", "log_level": 0})
    partitions = consumer.list_topics("star_predictions_output", 10).topics["star_predictions_output"].partitions
    consumer.assign([TopicPartition("star_predictions_output", number, OFFSET_BEGINNING) for number in partitions])
    missing = set(keys)

    def all_came() -> bool:
        missing.difference_update(message.key().decode() for message in consumer.consume(500, 0.2))
        return not missing

    until(all_came)
    consumer.close()
    assert "esm ended with exit status -9" in up.output


def predicted(up: Up, key: str) -> bool:
    """Whether a record that is written now comes back as a prediction."""
    servers = {"bootstrap.servers": f"127.0.0.1:{up.ports['kafka']}", "log_level": 0}
    producer = Producer(servers)
    producer.produce("star_features_input", json.dumps(EXAMPLE).encode(), key)
    if producer.flush(10):
        return False
    consumer = Consumer({**servers, "group.id": "reader"})
    consumer.assign([TopicPartition("star_predictions_output", number, OFFSET_BEGINNING) for number in range(8)])
    try:
        found = (message.key() for _ in range(200) for message in consumer.consume(500, 0.2))
        return key.encode() in found
    finally:
        consumer.close()


def test_broker_that_is_killed_comes_back_and_is_used_again(up: Up) -> None:
    (broker,) = named(up, "tansu")
    broker.kill()
    until(lambda: "The embedded broker ended" in up.output)
    assert "Its records were in memory, and are gone." in up.output
    until(lambda: named(up, "tansu") != [])
    until(lambda: broker_answers(up))
    assert predicted(up, uuid.uuid4().hex)
    assert up.end(signal.SIGINT) == 0


def named(up: Up, name: str) -> list[psutil.Process]:
    """The stack's processes whose programs have this name."""

    def has_it(process: psutil.Process) -> bool:
        try:
            return process.name().startswith(name)
        except psutil.NoSuchProcess:  # it ended meanwhile
            return False

    return list(filter(has_it, up.family()))


def broker_answers(up: Up) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", up.ports["kafka"])) == 0


def test_s3_that_is_killed_comes_back_with_its_objects(up: Up) -> None:
    s3(up).put_object(Bucket=BUCKET, Key="models/mine", Body=b"content", Metadata={"by": "me"})
    (killed,) = up.processes("stellar_local_stack.s3_server")
    killed.kill()
    until(lambda: not killed.is_running() and object_of(up) == (b"content", {"by": "me"}))
    assert up.get("/health")["source"] == "s3"
    assert up.end(signal.SIGINT) == 0


def s3(up: Up) -> Any:
    return local_client(up.url("s3"))


def object_of(up: Up) -> tuple[bytes, dict[str, str]] | None:
    try:
        found = s3(up).get_object(Bucket=BUCKET, Key="models/mine")
    except EndpointConnectionError:
        return None
    return found["Body"].read(), found["Metadata"]


@pytest.mark.skipif(bool(missing_programs()), reason="Apache Kafka needs Java and Maven, which are not installed")
@pytest.mark.timeout(400)
def test_what_is_kept_outlives_kills_and_the_stack(tmp_path: Path) -> None:
    arguments = ("--kafka", "apache", "--keep-data", str(tmp_path / "data"))
    first, second = uuid.uuid4().hex, uuid.uuid4().hex
    with Up(*arguments) as up:
        assert predicted(up, first)
        (broker,) = named(up, "java")
        broker.kill()
        until(lambda: named(up, "java") not in ([], [broker]))
        until(lambda: broker_answers(up))
        assert predicted(up, second)
        s3(up).put_object(Bucket=BUCKET, Key="models/mine", Body=b"content", Metadata={"by": "me"})
        assert up.end(signal.SIGINT) == 0
    with Up(*arguments) as up:
        assert object_of(up) == (b"content", {"by": "me"})
        consumer = Consumer({"bootstrap.servers": f"127.0.0.1:{up.ports['kafka']}", "group.id": "reader"})
        consumer.assign([TopicPartition("star_features_input", number, OFFSET_BEGINNING) for number in range(8)])
        missing = {first, second}

        def both_came() -> bool:
            missing.difference_update(message.key().decode() for message in consumer.consume(500, 0.2))
            return not missing

        until(both_came)
        consumer.close()
        assert up.end(signal.SIGINT) == 0


async def test_server_that_ends_again_and_again_is_given_up() -> None:
    said: list[str] = []
    async with Children(lambda _, line: said.append(line)) as children:
        await children.start_python("hasty", ["-c", "print('no such file'); raise SystemExit(3)"], {}, again=True)
        error = await children.first_end
    assert str(error) == "hasty ended with exit status 3.\nno such file"
    assert said.count("no such file") == MOST_STARTS
