"""Steady load over all protocols at once, which writes down who answered what."""

from __future__ import annotations

import json
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import grpc
from confluent_kafka import OFFSET_BEGINNING, Consumer, Producer, TopicPartition

from stellar.schema import EXAMPLE
from stellar_service.contract import PredictBatchRequest
from support.answers import TO_GRAPHQL, message_of, post
from support.grpc_server import Stub
from support.up import Up

# Every second one is photometric: both halves of a batch must be by one model.
ROWS: list[dict[str, Any]] = [{**EXAMPLE, "redshift": None if place % 2 else 0.644} for place in range(300)]
GRAPHQL = "mutation($x: [StarClassificationInput!]!) { predictBatch(features: $x) { label modelVersion } }"
PAUSE = 0.02

Answers = list[tuple[str, str]]
"""The label and the model version of each answer to one request."""


@dataclass
class Seen:
    """What came back over one protocol."""

    requests: int = 0
    versions: set[str] = field(default_factory=set)
    last: str = ""
    labels: set[str] = field(default_factory=set)
    mixed: list[set[str]] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    def note(self, answers: Answers, expected: int) -> None:
        versions = {version for _, version in answers}
        self.requests += 1
        self.labels |= {label for label, _ in answers}
        self.versions |= versions
        if len(answers) != expected:
            self.failures.append(f"{len(answers)} answers to {expected} objects")
        if len(versions) == 1:
            (self.last,) = versions
        else:
            self.mixed.append(versions)


class Load:
    """Threads that ask as long as the context lasts. ``seen`` has one entry for each way of asking."""

    def __init__(self, up: Up) -> None:
        self._up = up
        self._stop = threading.Event()
        self._resources = ExitStack()
        channel = self._resources.enter_context(grpc.insecure_channel(f"127.0.0.1:{up.ports['grpc']}"))
        self._stub = Stub(channel)
        self._ways: dict[str, Callable[[], None]] = {
            "REST": partial(self._ask, "REST", self._rest, 1),
            "REST batch": partial(self._ask, "REST batch", self._rest_batch, len(ROWS)),
            "GraphQL batch": partial(self._ask, "GraphQL batch", self._graphql, 50),
            "gRPC": partial(self._ask, "gRPC", self._unary, 1),
            "gRPC batch": partial(self._ask, "gRPC batch", self._batch, 4 * len(ROWS)),
            "gRPC stream": self._stream,
            "Kafka": self._kafka,
        }
        self.seen = {name: Seen() for name in self._ways}
        self._threads = [threading.Thread(target=way, name=name) for name, way in self._ways.items()]

    def __enter__(self) -> Load:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(30)
        self._resources.close()

    def wait_until_all_say(self, version: str, seconds: float = 60.0) -> None:
        """Until the last answer over each protocol is by that version."""
        deadline = time.monotonic() + seconds
        while any(each.last != version for each in self.seen.values()):
            assert time.monotonic() < deadline, {name: (each.last, each.failures) for name, each in self.seen.items()}
            time.sleep(0.05)

    def _ask(self, name: str, ask: Callable[[], Answers], expected: int) -> None:
        while not self._stop.wait(PAUSE):
            try:
                self.seen[name].note(ask(), expected)
            except Exception as error:  # whatever it is, no request may fail
                self.seen[name].failures.append(repr(error))

    def _rest(self) -> Answers:
        answer = post(self._up.url() + "/predict", {"features": EXAMPLE})
        return [(answer["label"], answer["model_version"])]

    def _rest_batch(self) -> Answers:
        answer = post(self._up.url() + "/predict/batch", {"instances": ROWS})
        return [(each["label"], each["model_version"]) for each in answer["predictions"]]

    def _graphql(self) -> Answers:
        rows = [{TO_GRAPHQL[name]: value for name, value in row.items()} for row in ROWS[:50]]
        answer = post(self._up.url() + "/graphql", {"query": GRAPHQL, "variables": {"x": rows}})
        return [(each["label"], each["modelVersion"]) for each in answer["data"]["predictBatch"]]

    def _unary(self) -> Answers:
        answer = self._stub.Predict(message_of(EXAMPLE), timeout=20)
        return [(answer.label, answer.model_version)]

    def _batch(self) -> Answers:
        request = PredictBatchRequest(instances=[message_of(row) for row in ROWS * 4])
        return [(each.label, each.model_version) for each in self._stub.PredictBatch(request, timeout=20).predictions]

    def _stream(self) -> None:
        """One stream that stays open all the time; each object is an answer of its own."""

        def objects() -> Iterator[Any]:
            while not self._stop.wait(PAUSE):
                yield message_of(EXAMPLE)

        try:
            for answer in self._stub.PredictStream(objects()):
                self.seen["gRPC stream"].note([(answer.label, answer.model_version)], 1)
        except grpc.RpcError as error:
            self.seen["gRPC stream"].failures.append(repr(error))

    def _kafka(self) -> None:
        """Records in at a steady rate, and what becomes of them."""
        common = {"bootstrap.servers": f"127.0.0.1:{self._up.ports['kafka']}", "log_level": 0}
        producer, output = Producer({**common, "linger.ms": 0}), "star_predictions_output"
        consumer = Consumer({**common, "group.id": uuid.uuid4().hex, "enable.auto.commit": False})
        partitions = consumer.list_topics(output, timeout=10).topics[output].partitions
        consumer.assign([TopicPartition(output, partition, OFFSET_BEGINNING) for partition in partitions])
        value = json.dumps(EXAMPLE).encode()
        while not self._stop.wait(PAUSE):
            producer.produce("star_features_input", value)
            producer.poll(0)
            for message in consumer.consume(100, timeout=0):
                content = message.value()
                if message.error() is None and content is not None:
                    prediction = json.loads(content)["prediction"]
                    self.seen["Kafka"].note([(prediction["label"], prediction["model_version"])], 1)
        producer.flush(10)
        consumer.close()
