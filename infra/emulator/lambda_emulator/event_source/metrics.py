"""What a mapping has done so far, as Prometheus metrics.

The names follow those of "Event source mapping metrics" of the Lambda Developer Guide: polled, filtered out, invoked,
failed invocations, delivered to the on-failure destination, dropped, committed, offset lag.
"""

from __future__ import annotations

from collections.abc import Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from lambda_emulator.event_source.batches.failed_batches import Condition
from lambda_emulator.event_source.batches.processor import Listener, Outcome

_LABELS = ("mapping", "function", "topic")
_DURATIONS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900)


class Metrics:
    """The metrics of one service, all mappings together."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()

        def counter(name: str, text: str) -> Counter:
            return Counter(f"esm_{name}", text, _LABELS, registry=self.registry)

        def gauge(name: str, text: str) -> Gauge:
            return Gauge(f"esm_{name}", text, (*_LABELS, "partition"), registry=self.registry)

        self.polled = counter("records_polled", "Records read from the topic")
        self.filtered = counter("records_filtered_out", "Records that FilterCriteria kept from the function")
        self.processed = counter("records_processed", "Records that the function processed")
        self.on_failure = counter("records_on_failure", "Records delivered to the on-failure destination")
        self.dropped = counter("records_dropped", "Records given up without a destination")
        self.too_large = counter("records_too_large", "Records given up without a destination for being too large")
        self.retried = counter("records_failed", "Records of failed attempts, each time they failed")
        self.invocations = counter("invocations", "Calls of the function that it answered")
        self.errors = counter("invocations_failed", "Attempts that failed in the function")
        self.throttles = counter("invocations_throttled", "Calls that the service refused for there being too many")
        self.duration = Histogram(
            "esm_invocation_seconds", "Time of a call", _LABELS, buckets=_DURATIONS, registry=self.registry
        )
        self.batch_size = Histogram(
            "esm_batch_records",
            "Records of a call",
            _LABELS,
            buckets=(1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000),
            registry=self.registry,
        )
        self.committed = gauge("committed_offset", "Offset of the next record to process")
        self.lag = gauge("offset_lag", "Records written and not yet processed")


class MappingMetrics(Listener):
    """The metrics of one mapping, and the state that AWS shows as ``LastProcessingResult``."""

    def __init__(self, metrics: Metrics, mapping: str, function: str, topic: str) -> None:
        self._metrics = metrics
        self._labels = (mapping, function, topic)
        self.last_result = "No records processed"
        self.lost: dict[Condition, int] = {}
        """Records given up without a destination, by the reason; what no later success takes back."""
        self.counts: dict[str, int] = dict.fromkeys(
            ("polled", "filtered_out", "invocations", "failed", "processed", "on_failure", "dropped", "throttled"), 0
        )

    def polled(self, records: int, filtered: int) -> None:
        self._count("polled", self._metrics.polled, records)
        self._count("filtered_out", self._metrics.filtered, filtered)

    def settled(self, records: int, outcome: Outcome) -> None:
        counters = {
            "processed": self._metrics.processed,
            "on_failure": self._metrics.on_failure,
            "dropped": self._metrics.dropped,
        }
        self._count(outcome, counters[outcome], records)

    def committed(self, partition: int, position: int) -> None:
        self._metrics.committed.labels(*self._labels, str(partition)).set(position)

    def lagging(self, lag: Mapping[int, int]) -> None:
        for partition, records in lag.items():
            self._metrics.lag.labels(*self._labels, str(partition)).set(records)

    def invoked(self, records: int, seconds: float) -> None:
        self._count("invocations", self._metrics.invocations, 1)
        self._metrics.duration.labels(*self._labels).observe(seconds)
        self._metrics.batch_size.labels(*self._labels).observe(records)

    def throttled(self) -> None:
        self._count("throttled", self._metrics.throttles, 1)

    def lose(self, records: int, condition: Condition) -> None:
        self.lost[condition] = self.lost.get(condition, 0) + records
        if condition == "MaximumPayloadSizeExceeded":
            self._metrics.too_large.labels(*self._labels).inc(records)

    def failed(self, records: int) -> None:
        self._count("failed", self._metrics.errors, 1)
        self._metrics.retried.labels(*self._labels).inc(records)

    def succeeded(self) -> None:
        self.last_result = "OK"

    def problem(self, text: str) -> None:
        self.last_result = f"PROBLEM: {text}"

    def _count(self, name: str, counter: Counter, amount: int) -> None:
        self.counts[name] += amount
        counter.labels(*self._labels).inc(amount)
