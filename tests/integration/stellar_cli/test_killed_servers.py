"""`stellar up` while its servers are killed: those that keep nothing come back, and the end of another is told."""

from __future__ import annotations

import json
import signal
import uuid
from collections.abc import Iterator

import grpc
import psutil
import pytest
from confluent_kafka import OFFSET_BEGINNING, Consumer, Producer, TopicPartition

from stellar.schema import EXAMPLE
from stellar_local_stack.children import MOST_STARTS, Children
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


def test_end_of_the_broker_is_told_in_a_few_lines_and_ends_the_stack(up: Up) -> None:
    family, lines = up.family(), len(up.lines)
    (broker,) = [process for process in family if process.name().startswith("tansu")]
    broker.kill()
    assert up.process.wait(30) == 1
    _, alive = psutil.wait_procs(family, timeout=5)
    assert not alive
    assert "Error: The embedded broker ended" in up.output
    assert len(up.lines) - lines < 30, up.output


async def test_server_that_ends_again_and_again_is_given_up() -> None:
    said: list[str] = []
    async with Children(lambda _, line: said.append(line)) as children:
        await children.start_python("hasty", ["-c", "print('no such file'); raise SystemExit(3)"], {}, again=True)
        error = await children.first_end
    assert str(error) == "hasty ended with exit status 3.\nno such file"
    assert said.count("no such file") == MOST_STARTS
