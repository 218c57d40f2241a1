"""The same objects asked over each protocol, and the answers in one form, so that they can be compared."""

from __future__ import annotations

import json
import urllib.request
import uuid
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Protocol

import grpc
from confluent_kafka import OFFSET_BEGINNING, Consumer, Producer, TopicPartition

from stellar.schema import FIELDS, Identifier, digits
from stellar_service.contract import PredictBatchRequest, StarFeatures
from support.grpc_server import Stub

Row = Mapping[str, Any]
SECONDS = 30.0
TO_GRAPHQL = {field.name: field.graphql_name for field in FIELDS}
FROM_GRAPHQL = {graphql: name for name, graphql in TO_GRAPHQL.items()}
MUTATION = """mutation($x: [StarClassificationInput!]!) { predictBatch(features: $x) {
  intOutput strOutput label probabilities { GALAXY QSO STAR } modelVersion modelVariant warnings novelty reliable
  obj_ID: objID spec_obj_ID: specObjID } }"""


class Addresses(Protocol):
    """A stack that answers: its ports on 127.0.0.1 by name, and the address of its HTTP API."""

    ports: dict[str, int]

    def url(self) -> str: ...


class Answer(NamedTuple):
    """What one object got: a prediction, or a refusal with the wrong fields and why."""

    int_output: int | None = None
    str_output: str = ""
    label: str = ""
    probabilities: tuple[float, ...] = ()
    model_version: str = ""
    model_variant: str = ""
    warnings: tuple[str, ...] = ()
    novelty: float | None = None
    reliable: bool | None = None
    identifiers: tuple[str | None, str | None] = (None, None)
    refusal: frozenset[tuple[str, str]] = frozenset()


def over_rest(up: Addresses, rows: Sequence[Row]) -> list[Answer]:
    content = post(f"{up.url()}/predict/batch", {"instances": rows})
    answers = [_predicted(each) if each else Answer() for each in content["predictions"]]
    for error in content["errors"]:
        found = frozenset((_last(each["field"]), each["message"]) for each in error["violations"])
        answers[error["index"]] = Answer(refusal=found)
    return answers


def over_graphql(up: Addresses, rows: Sequence[Row]) -> list[Answer]:
    inputs = [{TO_GRAPHQL[name]: value for name, value in row.items()} for row in rows]
    content = post(f"{up.url()}/graphql", {"query": MUTATION, "variables": {"x": inputs}})
    answers = [_predicted(_in_snake_case(each)) if each else Answer() for each in content["data"]["predictBatch"]]
    for error in content.get("errors", ()):
        found = frozenset((_last(each["field"]), each["message"]) for each in error["extensions"]["violations"])
        answers[error["path"][-1]] = Answer(refusal=found)
    return answers


def over_grpc_batch(up: Addresses, rows: Sequence[Row]) -> list[Answer]:
    request = PredictBatchRequest(instances=map(message_of, rows))
    with grpc.insecure_channel(f"127.0.0.1:{up.ports['grpc']}") as channel:
        return [_of_message(each) for each in Stub(channel).PredictBatch(request, timeout=SECONDS).predictions]


def over_grpc_stream(up: Addresses, rows: Sequence[Row]) -> list[Answer]:
    with grpc.insecure_channel(f"127.0.0.1:{up.ports['grpc']}") as channel:
        return [_of_message(each) for each in Stub(channel).PredictStream(map(message_of, rows), timeout=SECONDS)]


def over_kafka(up: Addresses, rows: Sequence[Row]) -> list[Answer]:
    run, places = uuid.uuid4().hex, {}
    common = {"bootstrap.servers": f"127.0.0.1:{up.ports['kafka']}", "log_level": 0}
    producer = Producer(common)
    for place, row in enumerate(rows):
        key = f"{run}-{place}".encode()
        places[key] = place
        producer.produce("star_features_input", json.dumps(row).encode(), key)
        producer.poll(0)
    assert producer.flush(SECONDS) == 0
    found: dict[int, Answer] = {}
    consumer = Consumer({**common, "group.id": run, "enable.auto.commit": False})
    try:
        topics = consumer.list_topics(timeout=SECONDS).topics
        consumer.assign(
            [
                TopicPartition(name, partition, OFFSET_BEGINNING)
                for name in ("star_predictions_output", "star_features_dlq")
                for partition in topics[name].partitions
            ]
        )
        while len(found) < len(rows):
            message = consumer.poll(SECONDS)
            assert message is not None, f"{len(found)} of {len(rows)} records were answered"
            of = message.key()
            if isinstance(of, bytes) and of in places:
                found[places[of]] = _of_record(message)
    finally:
        consumer.close()
    return [found[place] for place in range(len(rows))]


PROTOCOLS = {
    "REST": over_rest,
    "GraphQL": over_graphql,
    "gRPC batch": over_grpc_batch,
    "gRPC stream": over_grpc_stream,
    "Kafka": over_kafka,
}


def post(url: str, content: object) -> Any:
    request = urllib.request.Request(url, json.dumps(content).encode(), {"content-type": "application/json"})
    with urllib.request.urlopen(request, timeout=120) as answer:
        return json.load(answer)


def _predicted(content: Mapping[str, Any]) -> Answer:
    probabilities = tuple(content["probabilities"][label] for label in ("GALAXY", "QSO", "STAR"))
    names = ("int_output", "str_output", "label", "model_version", "model_variant", "novelty", "reliable")
    fields = {name: content[name] for name in names}
    identifiers = (_digits(content["obj_ID"]), _digits(content["spec_obj_ID"]))
    return Answer(**fields, probabilities=probabilities, warnings=tuple(content["warnings"]), identifiers=identifiers)


def _digits(identifier: Identifier | None) -> str | None:
    return None if identifier is None else digits(identifier)


def _in_snake_case(content: Mapping[str, Any]) -> dict[str, Any]:
    """An answer in GraphQL's names; those with capitals of their own were asked for by the catalogue's."""
    return {
        name if name.endswith("_ID") else "".join(f"_{c.lower()}" if c.isupper() else c for c in name): value
        for name, value in content.items()
    }


def _last(path: str) -> str:
    """The catalogue's name of a field from its path in an error."""
    name = path.rpartition(".")[2]
    return FROM_GRAPHQL.get(name, name)


def message_of(row: Row) -> Any:
    return StarFeatures(**dict(_field(name, value) for name, value in row.items() if value is not None))


def _field(name: str, value: Any) -> tuple[str, Any]:
    """Where a message has it: an identifier that no double can hold goes by its digits."""
    exact = name in ("obj_ID", "spec_obj_ID") and (
        isinstance(value, str) or (isinstance(value, int) and value != int(float(value)))
    )
    return (f"{name}_digits", str(value)) if exact else (name, value)


def _of_message(message: Any) -> Answer:
    if message.HasField("error"):
        return Answer(refusal=frozenset((each.field, each.description) for each in message.error.violations))
    p = message.probabilities
    return Answer(
        message.int_output,
        message.str_output,
        message.label,
        (p.GALAXY, p.QSO, p.STAR),
        message.model_version,
        message.model_variant,
        tuple(message.warnings),
        message.novelty if message.HasField("novelty") else None,
        message.reliable if message.HasField("reliable") else None,
        tuple(getattr(message, n) if message.HasField(n) else None for n in ("obj_ID", "spec_obj_ID")),  # type: ignore[arg-type]
    )


def _of_record(message: Any) -> Answer:
    if message.topic() == "star_predictions_output":
        return _predicted(json.loads(message.value())["prediction"])
    reasons = dict(message.headers())["error_message"].decode().split("; ")
    return Answer(refusal=frozenset(tuple(reason.split(": ", 1)) for reason in reasons))  # type: ignore[arg-type]
