"""The live stream over a real broker: predictions, counts, the feed, and a broker that goes and comes back."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from typing import Any

import orjson
import pytest

from stellar import validate
from stellar.schema import EXAMPLE
from stellar_local_stack.kafka import EmbeddedBroker, create_topics
from stellar_local_stack.page.live.stream import LiveStream
from stellar_pipeline.data.synth_objects import synthetic_objects
from support.kafka import Record_, produce, read_all, until
from support.page import PageServer, page_server
from support.ports import free_ports

INPUT, OUTPUT, DEAD_LETTERS = "star_features_input", "star_predictions_output", "star_features_dlq"


@pytest.fixture
def broker() -> Iterator[EmbeddedBroker]:
    with EmbeddedBroker() as running:
        create_topics(running.client_config())
        yield running


def live_stream(broker: EmbeddedBroker, **options: float) -> LiveStream:
    """The stream in this process, with a mapping that does not answer."""
    return LiveStream(broker.client_config(), "http://127.0.0.1:1", synthetic_objects, **options)


@pytest.fixture
def server(broker: EmbeddedBroker) -> Iterator[PageServer]:
    with page_server("--bootstrap-servers", broker.bootstrap_servers, "--esm-url", "http://127.0.0.1:1") as running:
        yield running


def classified(offset: int = 0, label: str = "GALAXY") -> dict[str, Any]:
    """A record of the output topic."""
    shares = {name: float(name == label) for name in ("GALAXY", "QSO", "STAR")}
    return {
        "prediction": {"label": label, "probabilities": shares, "model_version": "m-1"},
        "obj_ID": 1,
        "source": {"topic": INPUT, "partition": 0, "offset": offset, "timestamp": time.time_ns() // 1_000_000},
    }


def test_a_watcher_sees_what_was_classified_before_and_what_is_now(broker: EmbeddedBroker, server: PageServer) -> None:
    produce(broker, INPUT, [{"redshift": 0.644}, {}], partition=0)
    produce(broker, OUTPUT, [classified(0)])
    with server.events() as events:
        first = events.next("prediction")
        assert (first["label"], first["redshift"], first["model_version"]) == ("GALAXY", 0.644, "m-1")
        assert first["latency_ms"] >= 0
        produce(broker, OUTPUT, [classified(1, "STAR")])
        produce(broker, DEAD_LETTERS, [b"?"])
        second = events.next("prediction")
        assert (second["label"], second["redshift"]) == ("STAR", None)
        stats = events.until("stats", lambda each: each["total"] == 2 and each["dlq"] == 1)
        assert stats["classes"] == {"GALAXY": 1, "QSO": 0, "STAR": 1}
    assert server.call("/live/status")[1]["kafka"] == "up"


def test_a_burst_is_counted_whole_and_shown_in_part(broker: EmbeddedBroker, server: PageServer) -> None:
    with server.events() as events:
        events.until("stats", lambda each: each["kafka"] == "up")
        produce(broker, OUTPUT, [Record_(key=str(n), value=classified(n)) for n in range(3000)])
        stats = events.until("stats", lambda each: each["total"] == 3000)
        assert stats["rate"] > 0
    with server.events() as again:
        assert {again.next("prediction")["label"] for _ in range(20)} == {"GALAXY"}


def test_the_feed_makes_valid_objects_until_it_is_stopped(broker: EmbeddedBroker, server: PageServer) -> None:
    assert server.call("/live/feed", {"rate": 200}) == (200, {"feeding": True, "rate": 200})
    values = [message.value() for message in read_all(broker, INPUT, 100)]
    assert len(values) == 100
    with server.events() as events:
        assert events.next("stats")["feeding"] is True
        assert server.call("/live/feed", method="DELETE") == (200, {"feeding": False, "rate": 0})
        events.until("stats", lambda each: each["feeding"] is False)
    batch = validate([orjson.loads(value) for value in values])
    assert len(batch.indices) >= 98
    assert set(orjson.loads(values[0])) == set(EXAMPLE)


def test_the_feed_starts_as_soon_as_the_stream_is_open(server: PageServer) -> None:
    with server.events():
        assert server.call("/live/feed", {"rate": 1})[0] == 200


def test_a_broker_that_goes_is_told_and_one_that_comes_back_is_found() -> None:
    [port] = free_ports(1)
    arguments = ("--bootstrap-servers", f"127.0.0.1:{port}", "--esm-url", "http://127.0.0.1:1")
    with page_server(*arguments) as server, server.events() as events:
        assert events.next("stats")["kafka"] == "down"
        assert server.call("/live/feed", {"rate": 5})[0] == 503
        with EmbeddedBroker(port) as broker:
            create_topics(broker.client_config())
            events.until("stats", lambda each: each["kafka"] == "up")
            produce(broker, OUTPUT, [classified(label="QSO")])
            assert events.next("prediction")["label"] == "QSO"
        events.until("stats", lambda each: each["kafka"] == "down")
        assert "no broker answers" in server.call("/live/status")[1]["detail"]
        with EmbeddedBroker(port) as broker:
            create_topics(broker.client_config())
            produce(broker, OUTPUT, [classified(label="STAR"), classified(label="STAR")], partition=0)
            events.until("prediction", lambda each: each["label"] == "STAR")


def test_a_broker_without_the_topics_is_told_with_the_way_out() -> None:
    with (
        EmbeddedBroker() as empty,
        page_server("--bootstrap-servers", empty.bootstrap_servers) as server,
    ):
        status = server.call("/live/status")[1]
        assert status["kafka"] == "down"
        assert "stellar kafka topics" in status["detail"]
        assert "star_features_input" in status["detail"]


def test_a_watcher_that_comes_back_misses_nothing(broker: EmbeddedBroker, server: PageServer) -> None:
    with server.events() as events:
        produce(broker, OUTPUT, [classified(label="GALAXY")])
        events.next("prediction")
    produce(broker, OUTPUT, [classified(label="QSO")])
    with server.events(last_seen=1) as events:
        assert events.next("prediction")["label"] == "QSO"


async def test_what_nobody_watches_ends_by_itself_and_goes_on_with_the_next_watcher(broker: EmbeddedBroker) -> None:
    async with live_stream(broker, idle_seconds=0.1) as stream:
        watcher = stream.watch(0)
        await anext(watcher)
        produce(broker, OUTPUT, [classified(label="STAR")])
        while b"event: prediction" not in await anext(watcher):
            pass
        await stream.start_feed(50)
        await watcher.aclose()
        await until(lambda: stream.feed_rate == 0)
        await until(lambda: not stream.reading)
        produce(broker, OUTPUT, [classified(label="QSO")])
        watcher = stream.watch(1)
        while b'"label":"QSO"' not in await anext(watcher):
            pass
        await watcher.aclose()


async def test_a_feed_that_is_stopped_and_started_at_once_feeds(broker: EmbeddedBroker) -> None:
    async with live_stream(broker) as stream:
        await stream.start_feed(1)
        await asyncio.gather(stream.stop_feed(), stream.start_feed(200))
        assert stream.feed_rate == 200
        assert len(await asyncio.to_thread(read_all, broker, INPUT, 50)) == 50
