"""A thread that reads the topics while somebody watches, and looks for the brokers again when they are gone.

It belongs to no consumer group: every partition is assigned by hand and nothing is committed. It begins at the
earliest record, because the embedded broker's end offsets are wrong after a batch.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, KafkaException, Message, TopicPartition
from confluent_kafka.admin import AdminClient

from stellar_service.topics import FEATURES, NAMES

_CHUNK = 2_000  # records of one poll
_POLL_SECONDS = 0.1
_FIRST_SECONDS = 1.0  # for the objects that are there already
_ANSWER_SECONDS = 3.0
_RETRY_SECONDS = 1.0
_NO_ANSWER = "no broker answers at {}; `stellar up` starts one"
_SETTINGS: dict[str, Any] = {
    "group.id": "stellar-page",  # the client insists on a name, though none is joined
    "enable.auto.commit": False,
    "auto.offset.reset": "earliest",
    "fetch.wait.max.ms": 100,  # the embedded broker lets a fetch wait although a record has come
    "socket.timeout.ms": 5000,
    "reconnect.backoff.max.ms": 1000,
    "log_level": 0,  # its errors come as state
}


class BrokersGoneError(ConnectionError):
    """No broker answers, or none has the topics."""


@dataclass(frozen=True, slots=True)
class State:
    """Whether the brokers answer, and in words what about them is to be known."""

    up: bool
    detail: str


def broker_state(client: Mapping[str, str]) -> State:
    """Ask the brokers now; blocks for some seconds at most."""
    kafka = client["bootstrap.servers"]
    try:
        topics = _partitions(AdminClient({**client, "log_level": 0}), kafka)
    except BrokersGoneError as error:
        return State(False, str(error))
    return State(True, f"{kafka} answers, {len(topics)} partitions")


class Reader:
    """Calls ``on_messages`` in its thread. ``start`` and ``stop`` as often as wanted: it goes on where it was."""

    def __init__(self, client: Mapping[str, str], on_messages: Callable[[list[Message]], None]) -> None:
        self._client = client
        self._kafka = client["bootstrap.servers"]
        self._on_messages = on_messages
        self._next: dict[tuple[str, int], int] = {}
        self._stopping = threading.Event()
        self._gone = threading.Event()
        self._thread: threading.Thread | None = None
        self.state = self._unknown()

    @property
    def running(self) -> bool:
        return self._thread is not None

    def start(self) -> None:
        """Read from now on, if it does not yet."""
        if self._thread is None:
            self._stopping.clear()
            self.state = self._unknown()
            self._thread = threading.Thread(target=self._run, name="page-kafka", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Read no more; blocks until the client is closed."""
        if self._thread is not None:
            self._stopping.set()
            self._thread.join()
            self._thread = None

    def _unknown(self) -> State:
        return State(False, f"looking for brokers at {self._kafka}")

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._gone.clear()
            consumer = Consumer({**_SETTINGS, **self._client, "error_cb": self._on_error})
            try:
                self._read(consumer)
            except (BrokersGoneError, KafkaException) as error:
                self.state = State(False, str(error))
                self._stopping.wait(_RETRY_SECONDS)
            finally:
                consumer.close()

    def _read(self, consumer: Any) -> None:
        places = _partitions(consumer, self._kafka)
        self.state = State(True, f"{self._kafka} answers, {len(places)} partitions")
        # Objects first, for predictions tell of them; from then on they come first by themselves.
        self._assign(consumer, [place for place in places if place[0] == FEATURES])
        deadline, came = time.monotonic() + _FIRST_SECONDS, False
        while time.monotonic() < deadline and not self._stopping.is_set():
            before, came = came, self._consume(consumer)
            if before and not came:
                break
        self._assign(consumer, places)
        while not self._stopping.is_set():
            if not self._consume(consumer) and self._gone.is_set():
                raise BrokersGoneError(_NO_ANSWER.format(self._kafka))

    def _assign(self, consumer: Any, places: list[tuple[str, int]]) -> None:
        consumer.assign([TopicPartition(*place, self._next.get(place, OFFSET_BEGINNING)) for place in places])

    def _consume(self, consumer: Any) -> bool:
        """Pass on what has come, and say whether anything has."""
        messages = [each for each in consumer.consume(_CHUNK, _POLL_SECONDS) if each.error() is None]
        for message in messages:
            self._next[message.topic(), message.partition()] = message.offset() + 1
        if messages:
            self._on_messages(messages)
        return bool(messages)

    def _on_error(self, error: KafkaError) -> None:
        if error.code() == KafkaError._ALL_BROKERS_DOWN:
            self._gone.set()


def _partitions(client: Any, kafka: str) -> list[tuple[str, int]]:
    """Every partition of the topics. Raises BrokersGoneError."""
    _probe(kafka)
    try:
        known = client.list_topics(timeout=_ANSWER_SECONDS).topics
    except KafkaException:
        raise BrokersGoneError(_NO_ANSWER.format(kafka)) from None
    missing = [name for name in NAMES if name not in known]
    if missing:
        raise BrokersGoneError(f"{kafka} has no topic {', '.join(missing)}; `stellar kafka topics` makes them")
    return [(name, partition) for name in NAMES for partition in known[name].partitions]


def _probe(kafka: str) -> None:
    """Raise BrokersGoneError if no broker listens: the client would wait its whole time out."""
    for address in kafka.split(","):
        host, _, port = address.strip().rpartition(":")
        try:
            with socket.create_connection((host.strip("[]"), int(port)), _ANSWER_SECONDS):
                return
        except (OSError, ValueError):
            continue
    raise BrokersGoneError(_NO_ANSWER.format(kafka))
