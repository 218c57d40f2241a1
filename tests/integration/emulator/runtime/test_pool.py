"""How many environments there are, who gets one, and who has to wait or is refused."""

from __future__ import annotations

import asyncio
import os
import time

import pytest

from lambda_emulator.invocation import TooManyRequestsError
from support.stacks import ask, call, function, running, until

TROUBLED = function("troubled")


async def test_calls_at_the_same_time_run_in_environments_of_their_own(start):
    service = await start(TROUBLED, concurrency=3)
    answers = await asyncio.gather(*(ask(service, {"do": "nap", "seconds": 0.5}) for _ in range(3)))
    assert len({answer["pid"] for answer in answers}) == 3


async def test_calls_one_after_the_other_share_one_environment(start):
    service = await start(TROUBLED, concurrency=8)
    assert len({(await ask(service, {"do": "state"}))["pid"] for _ in range(20)}) == 1


async def test_64_parallel_calls_are_all_answered_by_as_many_environments_as_allowed(start):
    service = await start(TROUBLED, concurrency=2)
    answers = await asyncio.gather(*(ask(service, {"do": "nap", "seconds": 0.002}) for _ in range(64)))
    assert len(answers) == 64
    assert len({answer["pid"] for answer in answers}) == 2


async def test_environments_that_only_wait_do_not_hold_up_others(start, tmp_path):
    service = await start(function("troubled", timeout_seconds=60.0))
    number = 4 * (os.cpu_count() or 1)
    calls = ({"do": "meet", "folder": str(tmp_path), "name": str(each), "number": number} for each in range(number))
    answers = await asyncio.gather(*(ask(service, each) for each in calls))
    assert len({answer["pid"] for answer in answers}) == number


async def test_environments_that_compute_are_hardly_more_than_the_cores(start):
    service = await start(function("troubled", timeout_seconds=60.0))
    number = 4 * (os.cpu_count() or 1)
    answers = await asyncio.gather(*(ask(service, {"do": "compute", "seconds": 0.7}) for _ in range(number)))
    assert len({answer["pid"] for answer in answers}) < number / 2


async def test_a_limit_that_was_asked_for_holds_however_much_they_wait(start):
    service = await start(TROUBLED, concurrency=1)
    answers = await asyncio.gather(*(ask(service, {"do": "nap", "seconds": 0.4}) for _ in range(4)))
    assert len({answer["pid"] for answer in answers}) == 1


async def test_calls_wait_in_the_order_of_their_coming(start):
    service = await start(function(), concurrency=1)
    order = []

    async def numbered(number):
        order.append(await ask(service, number))

    await asyncio.gather(*(numbered(number) for number in range(30)))
    assert order == list(range(30))


async def test_a_busy_function_does_not_hold_up_another(start):
    other = function(logical_id="Other", name="other")
    service = await start(TROUBLED, other, concurrency=1)
    busy = asyncio.create_task(ask(service, {"do": "nap", "seconds": 30}))
    assert await ask(service, 1, "other") == 1
    assert not busy.done()
    busy.cancel()
    await service.drain_and_close(grace_seconds=0)


async def test_beyond_the_reserved_concurrency_calls_are_refused_at_once(start):
    service = await start(function("troubled", reserved_concurrency=2), concurrency=1)
    accepted = [asyncio.create_task(ask(service, {"do": "nap", "seconds": 0.3})) for _ in range(2)]
    await asyncio.sleep(0)
    with pytest.raises(TooManyRequestsError) as refused:
        await call(service, {"do": "state"})
    assert refused.value.reason == "ReservedFunctionConcurrentInvocationLimitExceeded"
    await asyncio.gather(*accepted)
    assert await ask(service, {"do": "state"})


async def test_a_reserved_concurrency_of_zero_refuses_every_call(start):
    service = await start(function(reserved_concurrency=0))
    with pytest.raises(TooManyRequestsError):
        await call(service)


async def test_idle_environments_are_ended(start):
    service = await start(TROUBLED, idle_seconds=0.2)
    pid = (await ask(service, {"do": "state"}))["pid"]
    await until(lambda: not running(pid))
    assert (await ask(service, {"do": "state"}))["pid"] != pid


async def test_the_environment_that_is_to_be_kept_warm_is_not_ended(start):
    service = await start(TROUBLED, idle_seconds=0.2, warm="EAGER", concurrency=3)
    napping = [ask(service, {"do": "nap", "seconds": 0.4}) for _ in range(3)]
    pids = {answer["pid"] for answer in await asyncio.gather(*napping)}
    await until(lambda: sum(map(running, pids)) == 1)
    (kept,) = filter(running, pids)
    deadline = time.monotonic() + 0.5
    while time.monotonic() < deadline:
        assert running(kept)
        await asyncio.sleep(0.05)


async def test_a_caller_that_hangs_up_does_not_stop_the_invocation(start, log):
    service = await start(TROUBLED, concurrency=1)
    pid = (await ask(service, {"do": "state"}))["pid"]
    hung_up = asyncio.create_task(call(service, {"do": "nap", "seconds": 0.3}, request_id="left"))
    await asyncio.sleep(0)
    hung_up.cancel()
    after = await ask(service, {"do": "state"})
    assert after["pid"] == pid
    assert after["calls"] == 3
    await until(lambda: "END RequestId: left" in log.text)


async def test_an_environment_of_another_function_does_not_share_its_process_group(start):
    service = await start(TROUBLED)
    pid = (await ask(service, {"do": "state"}))["pid"]
    assert os.getpgid(pid) == pid == os.getsid(pid)
