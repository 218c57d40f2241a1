"""What records tell, and how they add up."""

from __future__ import annotations

import json
from typing import Any

from stellar import validate
from stellar_local_stack.page.live.records import Records
from stellar_local_stack.page.live.tally import Tally
from stellar_pipeline.data.synth_objects import synthetic_objects
from stellar_service.topics import DEAD_LETTERS, FEATURES, PREDICTIONS


class Message:
    """As much of a Kafka client's message as is read."""

    def __init__(self, topic: str, value: Any, offset: int = 0, partition: int = 3, timestamp: int = 5000) -> None:
        self._fields = (topic, value if isinstance(value, bytes | None) else json.dumps(value).encode())
        self._place = (partition, offset)
        self._timestamp = timestamp

    def topic(self) -> str:
        return self._fields[0]

    def value(self) -> bytes | None:
        return self._fields[1]

    def partition(self) -> int:
        return self._place[0]

    def offset(self) -> int:
        return self._place[1]

    def timestamp(self) -> tuple[int, int]:
        return 1, self._timestamp


def answer(label: str = "STAR", offset: int = 0, came: int = 4988) -> dict[str, Any]:
    prediction = {"label": label, "probabilities": {"GALAXY": 0.1, "QSO": 0.1, "STAR": 0.8}, "model_version": "m1"}
    return {
        "prediction": prediction,
        "obj_ID": 77,
        "source": {"topic": FEATURES, "partition": 3, "offset": offset, "timestamp": came},
    }


def test_a_prediction_is_shown_with_the_redshift_of_its_object() -> None:
    records = Records(shown=20)
    found = records.read([Message(PREDICTIONS, answer(offset=9)), Message(FEATURES, {"redshift": -0.0003}, offset=9)])
    assert found.predictions == [
        {
            "obj_ID": 77,
            "label": "STAR",
            "probabilities": {"GALAXY": 0.1, "QSO": 0.1, "STAR": 0.8},
            "redshift": -0.0003,
            "model_version": "m1",
            "timestamp": 5000,
            "latency_ms": 12,
        }
    ]


def test_a_redshift_that_is_not_there_or_not_known_any_more_is_none() -> None:
    records = Records(shown=20)
    records.read([Message(FEATURES, {"redshift": 1.0}, offset=0)])
    records.read([Message(FEATURES, {"redshift": None}, offset=number) for number in range(1, 5001)])
    found = records.read([Message(PREDICTIONS, answer(offset=number)) for number in (0, 5000)])
    assert [prediction["redshift"] for prediction in found.predictions] == [None, None]


def test_only_some_are_shown_but_all_are_counted() -> None:
    found = Records(shown=20).read([Message(PREDICTIONS, answer()) for _ in range(50)])
    assert (len(found.predictions), found.classes["STAR"], len(found.moments)) == (20, 50, 50)


def test_an_object_of_any_shape_does_no_harm() -> None:
    shapes = (b"[1]", b"7", b"", b'{"redshift": "far"}')
    objects_seen = [Message(FEATURES, value, offset=number) for number, value in enumerate(shapes)]
    answers = [Message(PREDICTIONS, answer(offset=number)) for number in range(len(shapes))]
    found = Records(shown=20).read([*objects_seen, *answers])
    assert [prediction["redshift"] for prediction in found.predictions] == [None] * len(shapes)


def test_what_cannot_be_read_is_left_out() -> None:
    strange = [b"not JSON", None, b"[]", {"prediction": {}}, {"prediction": None}, {**answer(), "source": None}]
    found = Records(shown=20).read([Message(PREDICTIONS, value) for value in strange])
    assert found.predictions == []
    assert len(found.moments) <= 1


def test_the_rate_is_that_of_the_records_own_times() -> None:
    tally, records = Tally(), Records(shown=20)
    old = [Message(PREDICTIONS, answer("QSO"), timestamp=1_000) for _ in range(500)]
    new = [Message(PREDICTIONS, answer("GALAXY"), timestamp=99_000 + 10 * number) for number in range(100)]
    tally.add(records.read([*old, *new, Message(DEAD_LETTERS, b"?")]))
    assert tally.snapshot(now_ms=100_000) == {
        "rate": 50.0,
        "total": 600,
        "classes": {"GALAXY": 100, "QSO": 500, "STAR": 0},
        "dlq": 1,
    }
    assert tally.snapshot(now_ms=110_000)["rate"] == 0.0


def test_objects_of_the_feed_pass_validation_and_are_of_every_kind() -> None:
    made = synthetic_objects()
    rows = [next(made) for _ in range(500)]
    batch = validate(rows)
    assert len(batch.errors) <= 2  # the odd magnitude that was not measured
    assert all(isinstance(row["obj_ID"], int) for row in rows)
    assert len({tuple(row.values()) for row in rows}) == 500  # as floats, which rows are drawn as, identifiers may meet
