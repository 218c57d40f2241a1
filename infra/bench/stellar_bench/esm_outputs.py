"""What the function of ``esm_soak`` has put out: which inputs, how often, and whether each key kept its order."""

from __future__ import annotations

from confluent_kafka import Consumer, TopicPartition

from stellar_local_stack.kafka import ApacheBroker

OUTPUT = "soak_output"
PARTITIONS = 8


class SoakError(AssertionError):
    """A record was lost, out of order, or committed too early; or the run did not come to its end."""


class Outputs:
    """What the function has put out so far."""

    def __init__(self, broker: ApacheBroker) -> None:
        self._consumer = Consumer(
            {**broker.client_config(), "group.id": "soak-reader", "enable.auto.commit": False, "log_level": 0}
        )
        self._consumer.assign([TopicPartition(OUTPUT, partition, 0) for partition in range(PARTITIONS)])
        self._seen: dict[int, set[int]] = {partition: set() for partition in range(PARTITIONS)}
        self._last: dict[bytes, tuple[int, int]] = {}
        self._disorder: list[str] = []
        self.total = 0

    @property
    def distinct(self) -> int:
        return sum(map(len, self._seen.values()))

    def read(self, seconds: float = 0.1) -> int:
        """Read what has come, and note each input at its first output."""
        messages = [message for message in self._consumer.consume(5000, seconds) if not message.error()]
        for message in messages:
            partition, offset = map(int, (message.value() or b"").split())
            self.total += 1
            if offset in self._seen[partition]:
                continue
            self._seen[partition].add(offset)
            key = message.key() or b""
            last = self._last.get(key, (partition, -1))
            if last > (partition, offset):
                self._disorder.append(f"{key!r}: offset {offset} after {last[1]}")
            self._last[key] = (partition, offset)
        return len(messages)

    def read_to_end(self) -> None:
        """Read until nothing has come for a while."""
        while self.read(1.0):
            pass

    def missing(self, partition: int, end: int) -> list[int]:
        """Inputs before ``end`` without an output."""
        return [offset for offset in range(end) if offset not in self._seen[partition]]

    def check_order(self) -> None:
        if self._disorder:
            raise SoakError(f"{len(self._disorder)} keys out of order, the first {self._disorder[0]}")

    def close(self) -> None:
        self._consumer.close()
