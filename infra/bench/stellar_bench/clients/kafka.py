"""Kafka: a request is a record on the input topic, its answer the record of the same key on the output topic."""

from __future__ import annotations

import asyncio
import threading
import uuid
from typing import Any

import orjson
from confluent_kafka import OFFSET_BEGINNING, Consumer, Producer, TopicPartition

from stellar_bench.clients.base import Workload
from stellar_bench.load import Opener, Session
from stellar_service.topics import FEATURES, PREDICTIONS

Prediction = dict[str, Any]
ANSWER_TIMEOUT = 10.0  # seconds


class Exchange:
    """One producer, and one consumer thread that hands every answer to whoever waits for its key.

    It reads the output topic from the beginning and passes over keys that are not of this run: a broker that keeps
    no exact end offsets serves as well.
    """

    def __init__(self, bootstrap_servers: str, loop: asyncio.AbstractEventLoop | None = None) -> None:
        """``loop`` is where answers are waited for: by default the one that runs. Raises KafkaException."""
        self._run = uuid.uuid4().hex[:12]
        self._loop = loop or asyncio.get_running_loop()
        # Errors come as exceptions: the library's own log would only repeat them, many times a second.
        common = {"bootstrap.servers": bootstrap_servers, "log_level": 0}
        self._producer = Producer({**common, "linger.ms": 0})
        self._consumer = Consumer(
            {
                **common,
                "group.id": f"bench-{self._run}",
                "enable.auto.commit": False,
                "fetch.wait.max.ms": 10,  # the embedded broker lets a fetch wait although a record has come
            }
        )
        partitions = self._consumer.list_topics(PREDICTIONS, timeout=10).topics[PREDICTIONS].partitions
        self._consumer.assign([TopicPartition(PREDICTIONS, number, OFFSET_BEGINNING) for number in partitions])
        self._waiting: dict[bytes, asyncio.Future[Prediction]] = {}
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._consume, name="bench-kafka", daemon=True)
        self._thread.start()

    def send(self, name: str, value: bytes) -> asyncio.Future[Prediction]:
        """Produce one record; the future holds its prediction."""
        key = f"{self._run}-{name}".encode()
        future: asyncio.Future[Prediction] = self._loop.create_future()
        self._waiting[key] = future
        self._producer.produce(FEATURES, key=key, value=value)
        self._producer.poll(0)
        return future

    def close(self) -> None:
        """Stop the thread and close both clients."""
        self._stopping.set()
        self._thread.join()
        self._consumer.close()
        self._producer.flush(5)

    def _consume(self) -> None:
        while not self._stopping.is_set():
            first = self._consumer.poll(0.2)
            if first is None:
                continue
            # Not one call of consume(): it waits until its time is over or all the messages asked for are there.
            for message in (first, *self._consumer.consume(500, timeout=0)):
                key, value = message.key(), message.value()
                if message.error() is None and value is not None and key is not None and key in self._waiting:
                    self._loop.call_soon_threadsafe(self._answer, key, orjson.loads(value)["prediction"])

    def _answer(self, key: bytes, prediction: Prediction) -> None:
        future = self._waiting.pop(key, None)
        if future is not None and not future.done():
            future.set_result(prediction)


class _KafkaSession:
    """All sessions of a run share one exchange."""

    def __init__(self, exchange: Exchange, values: list[list[bytes]]) -> None:
        self._exchange = exchange
        self._values = values

    async def call(self, index: int) -> bool:
        values = self._values[index % len(self._values)]
        answers = [self._exchange.send(f"{index}-{place}", value) for place, value in enumerate(values)]
        try:
            async with asyncio.timeout(ANSWER_TIMEOUT):
                return all("int_output" in prediction for prediction in await asyncio.gather(*answers))
        except TimeoutError:
            return False

    async def close(self) -> None:
        """The exchange is closed by who made it."""


def kafka(exchange: Exchange, workload: Workload) -> Opener:
    """Records on the input topic, timed until their predictions are read from the output topic."""
    values = [[orjson.dumps(row) for row in workload.request(index)] for index in range(workload.distinct)]

    async def open_session() -> Session:
        return _KafkaSession(exchange, values)

    return open_session
