"""What a run of requests came to: percentiles, rate and success, in the units that the tables print."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Summary:
    """One run. Latencies are in milliseconds, ``per_second`` counts successful requests only."""

    requests: int
    succeeded: int
    seconds: float
    mean_ms: float
    p50_ms: float
    p95_ms: float
    p99_ms: float
    max_ms: float

    @property
    def per_second(self) -> float:
        return self.succeeded / self.seconds if self.seconds else 0.0

    @property
    def success_rate(self) -> float:
        """Share of requests that succeeded, 0 to 1."""
        return self.succeeded / self.requests if self.requests else 0.0


def summarise(latencies_s: Sequence[float], failures: int, seconds: float) -> Summary:
    """Sum up latencies (seconds, of successful requests) of a run that took ``seconds`` of wall time."""
    if not latencies_s:
        nan = float("nan")
        return Summary(failures, 0, seconds, nan, nan, nan, nan, nan)
    milliseconds = np.asarray(latencies_s) * 1000.0
    p50, p95, p99 = np.percentile(milliseconds, (50, 95, 99))
    return Summary(
        requests=len(latencies_s) + failures,
        succeeded=len(latencies_s),
        seconds=seconds,
        mean_ms=float(milliseconds.mean()),
        p50_ms=float(p50),
        p95_ms=float(p95),
        p99_ms=float(p99),
        max_ms=float(milliseconds.max()),
    )
