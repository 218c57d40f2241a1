"""What the function of ``esm_soak`` has put out: which inputs, how often, by which process, and in which order."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable

from confluent_kafka import Consumer, TopicPartition

from stellar_local_stack.kafka import BrokerProcess

PARTITIONS = 8
_RECENT = 1_000


class SoakError(AssertionError):
    """A record was lost, out of order, or committed too early; or the run did not come to its end."""


class Outputs:
    """What the function has put out so far."""

    def __init__(self, broker: BrokerProcess, topic: str) -> None:
        self._consumer = Consumer(
            {**broker.client_config(), "group.id": "soak-reader", "enable.auto.commit": False, "log_level": 0}
        )
        self._consumer.assign([TopicPartition(topic, partition, 0) for partition in range(PARTITIONS)])
        self._seen: defaultdict[int, set[int]] = defaultdict(set)
        self._last: dict[tuple[bytes, int], int] = {}
        self._disorder: list[str] = []
        self._writers: deque[int] = deque(maxlen=_RECENT)
        self.total = 0

    @property
    def distinct(self) -> int:
        return sum(map(len, self._seen.values()))

    @property
    def writers(self) -> set[int]:
        """The processes that wrote the last outputs."""
        return set(self._writers)

    def read(self, seconds: float = 0.1) -> int:
        """Read what has come."""
        messages = [message for message in self._consumer.consume(5000, seconds) if not message.error()]
        for message in messages:
            partition, offset, writer = map(int, (message.value() or b"").split())
            self.note(message.key() or b"", partition, offset, writer)
        return len(messages)

    def note(self, key: bytes, partition: int, offset: int, writer: int) -> None:
        """Count an output; the first one of an input must not come before that of an earlier input of its key."""
        self.total += 1
        self._writers.append(writer)
        if offset in self._seen[partition]:
            return
        self._seen[partition].add(offset)
        last = self._last.get((key, partition), -1)
        if last > offset:
            self._disorder.append(f"{key!r} of partition {partition}: offset {offset} after {last}")
        self._last[key, partition] = max(last, offset)

    def read_to_end(self) -> None:
        """Read until nothing has come for a while."""
        while self.read(1.0):
            pass

    def missing(self, partition: int, end: int) -> list[int]:
        """Inputs before ``end`` without an output."""
        return [offset for offset in range(end) if offset not in self._seen[partition]]

    def check_not_ahead(self, committed: dict[int, int]) -> None:
        """Nothing may be committed that was not put out before. Raises SoakError."""
        for partition, offset in committed.items():
            if missing := self.missing(partition, offset):
                raise SoakError(f"partition {partition}: committed {offset}, but {missing[:5]} were never put out")

    def check_whole(self, ends: dict[int, int], committed: dict[int, int]) -> None:
        """Every input has an output, and of every partition exactly what there is was committed. Raises SoakError."""
        for partition, end in ends.items():
            if missing := self.missing(partition, end):
                raise SoakError(f"partition {partition}: {len(missing)} records are lost, the first {missing[0]}")
            if beyond := [offset for offset in self._seen[partition] if offset >= end]:
                raise SoakError(f"partition {partition} ends at {end}, but {beyond[:5]} were put out")
            if committed.get(partition, 0) != end:
                raise SoakError(f"partition {partition} ends at {end}, but {committed.get(partition)} is committed")

    def check_order(self) -> None:
        """Raises SoakError."""
        if self._disorder:
            raise SoakError(f"{len(self._disorder)} records out of order, the first {self._disorder[0]}")

    def close(self) -> None:
        self._consumer.close()


def behind(ends: dict[int, int], committed: dict[int, int]) -> Iterable[int]:
    """The partitions of which less was committed than there is."""
    return (partition for partition, end in ends.items() if committed.get(partition, 0) < end)
