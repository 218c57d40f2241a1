"""The two kinds of broker by name, as commands offer them."""

from __future__ import annotations

from pathlib import Path

from stellar_local_stack.kafka.apache import ApacheBroker
from stellar_local_stack.kafka.embedded import EmbeddedBroker
from stellar_local_stack.kafka.jars import Say
from stellar_local_stack.kafka.process import BrokerProcess

KINDS = {
    "embedded": "memory only, no Java",
    "apache": "the real Apache Kafka; needs Java 17 and Maven",
}
HELP = " ".join(f"{kind}: {text}." for kind, text in KINDS.items())


def new_broker(kind: str, port: int, say: Say, *, data: Path | None = None) -> BrokerProcess:
    """A broker that is not started yet. ``say`` is told what has to be downloaded for it.

    ``data`` is a folder in which Apache Kafka keeps what it holds for good.
    """
    return EmbeddedBroker(port) if kind == "embedded" else ApacheBroker(port, data=data, say=say)
