"""What the records of the three topics tell: an object came in, was classified, or was given up.

A prediction names the place of its object on the input topic, not the object's redshift; that is looked up there.
"""

from __future__ import annotations

from collections import Counter, OrderedDict
from dataclasses import dataclass, field
from typing import Any

import orjson
from confluent_kafka import Message

from stellar_service.topics import DEAD_LETTERS, FEATURES, PREDICTIONS

_REMEMBERED = 5_000  # objects whose predictions may still come


@dataclass(slots=True)
class Findings:
    """What one poll of the topics brought. ``moments`` are the predictions' timestamps [ms]."""

    classes: Counter[str] = field(default_factory=Counter)
    moments: list[int] = field(default_factory=list)
    dead_letters: int = 0
    predictions: list[dict[str, Any]] = field(default_factory=list)
    """Those predictions that are to be shown."""


class Records:
    """Makes findings of messages. ``shown`` is the most predictions of one poll that anybody can follow."""

    def __init__(self, shown: int) -> None:
        self._shown = shown
        self._objects: OrderedDict[tuple[int, int], bytes] = OrderedDict()

    def read(self, messages: list[Message]) -> Findings:
        """What the messages tell, those that cannot be read left out."""
        found = Findings()
        for message in messages:
            if message.topic() == FEATURES:
                self._remember(message)
        for message in messages:
            if message.topic() == DEAD_LETTERS:
                found.dead_letters += 1
            elif message.topic() == PREDICTIONS:
                self._prediction(message, found)
        return found

    def _remember(self, message: Message) -> None:
        self._objects[message.partition() or 0, message.offset() or 0] = message.value() or b""
        if len(self._objects) > _REMEMBERED:
            self._objects.popitem(last=False)

    def _prediction(self, message: Message, found: Findings) -> None:
        _, moment = message.timestamp()
        try:
            content = orjson.loads(message.value() or b"")
            prediction, source = content["prediction"], content["source"]
            found.classes[prediction["label"]] += 1
            found.moments.append(moment)
            if len(found.predictions) < self._shown:
                found.predictions.append(
                    {
                        "obj_ID": content["obj_ID"],
                        "label": prediction["label"],
                        "probabilities": prediction["probabilities"],
                        "redshift": self._redshift(source),
                        "model_version": prediction["model_version"],
                        "timestamp": moment,
                        "latency_ms": max(0, moment - source["timestamp"]),
                    }
                )
        except (orjson.JSONDecodeError, KeyError, TypeError):
            return  # another program's record: the topic is open to all

    def _redshift(self, source: dict[str, Any]) -> float | None:
        """The object's own, or None where it has none or came too long ago."""
        value = self._objects.get((source["partition"], source["offset"]))
        content = orjson.loads(value) if value else None
        redshift = content.get("redshift") if isinstance(content, dict) else None
        return redshift if isinstance(redshift, int | float) else None
