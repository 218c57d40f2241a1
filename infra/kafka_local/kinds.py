"""The two kinds of broker by name, as commands offer them."""

from __future__ import annotations

from kafka_local.apache import ApacheBroker
from kafka_local.embedded import EmbeddedBroker
from kafka_local.jars import Say
from kafka_local.process import BrokerProcess

KINDS = {
    "embedded": "memory only, no Java",
    "apache": "the real Apache Kafka; needs Java 17 and Maven",
}
HELP = " ".join(f"{kind}: {text}." for kind, text in KINDS.items())


def new_broker(kind: str, port: int, say: Say) -> BrokerProcess:
    """A broker that is not started yet. ``say`` is told what has to be downloaded for it."""
    return EmbeddedBroker(port) if kind == "embedded" else ApacheBroker(port, say=say)
