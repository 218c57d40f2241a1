"""The load generators: what they count, and from when."""

import asyncio
import math

import pytest

from stellar_bench.latency import summarise
from stellar_bench.load import ServiceGoneError, closed_loop, open_loop


class Fake:
    """A service that answers after `delay` seconds, wrongly or not at all for some requests."""

    def __init__(self, delay=0.0, wrong=(), broken=()):
        self.delay, self.wrong, self.broken = delay, wrong, broken
        self.seen, self.opened, self.most, self.running = [], 0, 0, 0

    async def open(self):
        self.opened += 1
        return self

    async def call(self, index):
        self.seen.append(index)
        self.running += 1
        self.most = max(self.most, self.running)
        try:
            await asyncio.sleep(self.delay)
        finally:
            self.running -= 1
        if index in self.broken:
            raise ConnectionResetError
        return index not in self.wrong

    async def close(self):
        pass


async def test_closed_loop_makes_every_request_once_with_bounded_concurrency():
    service = Fake(delay=0.001)
    summary = await closed_loop(service.open, 50, 4)
    assert sorted(service.seen) == list(range(50))
    assert service.most <= 4
    assert (summary.requests, summary.success_rate) == (50, 1.0)


async def test_wrong_and_broken_answers_are_failures_and_the_connection_is_opened_anew():
    service = Fake(wrong={1}, broken={2})
    summary = await closed_loop(service.open, 10, 1)
    assert (summary.succeeded, summary.requests) == (8, 10)
    assert service.opened == 2


async def test_a_service_that_is_gone_is_given_up():
    service = Fake(broken=set(range(1000)))
    with pytest.raises(ServiceGoneError, match="20 requests in a row"):
        await closed_loop(service.open, 1000, 4)


async def test_open_loop_charges_a_stall_to_the_requests_that_waited():
    service = Fake(delay=0.02)
    summary = await open_loop(service.open, 20, rate=1000, concurrency=1)
    assert summary.succeeded == 20
    assert summary.max_ms > 200  # the last was due after 19 ms and answered after 400


def test_a_run_without_success_has_no_latency():
    summary = summarise([], 3, 1.0)
    assert (summary.requests, summary.per_second) == (3, 0.0)
    assert math.isnan(summary.p50_ms)


def test_percentiles_are_in_milliseconds():
    summary = summarise([0.001, 0.002, 0.003], 1, 2.0)
    assert summary.p50_ms == pytest.approx(2.0)
    assert summary.per_second == pytest.approx(1.5)
    assert summary.success_rate == pytest.approx(0.75)
