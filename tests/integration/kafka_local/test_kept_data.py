"""The data folder of a stack's Kafka: removed at the end, but not while records in it wait for their reader."""

from __future__ import annotations

import shutil
from pathlib import Path

import click
import pytest
from confluent_kafka import Consumer, TopicPartition

from stellar_local_stack.children import Children
from stellar_local_stack.kafka import ApacheBroker, EmbeddedBroker, Topic, create_topics
from stellar_local_stack.kafka.backlog import Reader, backlog
from stellar_local_stack.kafka.jars import missing_programs
from stellar_local_stack.kafka_service import kafka
from stellar_local_stack.local_data import LocalData
from support.kafka import produce, until
from support.ports import free_ports

TOPIC = "star_features_input"
READER = Reader("classifier", TOPIC)


def test_a_folder_in_use_is_refused(tmp_path: Path) -> None:
    with LocalData(tmp_path), pytest.raises(click.ClickException, match="in use by another"):
        LocalData(tmp_path)
    with LocalData(tmp_path) as data:
        assert data.folder == tmp_path


def test_a_folder_of_its_own_goes_unless_it_is_to_be_kept() -> None:
    with LocalData(None) as data:
        assert data.folder.is_dir()
    assert not data.folder.exists()
    with LocalData(None) as data:
        data.keep()
    assert data.folder.is_dir()
    shutil.rmtree(data.folder)


def test_the_backlog_is_what_the_group_has_not_committed() -> None:
    with EmbeddedBroker() as broker:
        client = broker.client_config()
        create_topics(client, [Topic(TOPIC, 2)])
        assert backlog(client, READER) == 0
        consumer = Consumer({**client, "group.id": READER.group})
        consumer.commit(offsets=[TopicPartition(TOPIC, 0, 0)], asynchronous=False)
        consumer.close()
        produce(broker, TOPIC, [b"x"], partition=0)
        assert backlog(client, READER) == 1
    assert backlog(client, READER) is None


@pytest.mark.skipif(bool(missing_programs()), reason="Apache Kafka needs Java and Maven, which are not installed")
@pytest.mark.timeout(300)
async def test_unprocessed_records_are_kept_and_named() -> None:
    said: list[str] = []
    [port] = free_ports(1)
    async with Children(lambda _, line: said.append(line)) as children:
        with LocalData(None) as data:
            async with kafka("apache", children, port, data, lambda: READER):
                client = ApacheBroker(port, data=data.kafka)  # not started: the address of the one that is
                produce(client, TOPIC, [b"x"] * 3)
        assert f"Of {TOPIC}, 3 records are not processed yet; their data is kept in {data.folder}." in said
        assert any(line.endswith(f"--keep-data {data.folder}") for line in said)
        with LocalData(data.folder) as again:
            async with kafka("apache", children, port, again, lambda: READER):
                # The coordinator of groups says nothing until it has read what it knows.
                await until(lambda: backlog({"bootstrap.servers": f"127.0.0.1:{port}"}, READER) == 3)
    shutil.rmtree(data.folder)
