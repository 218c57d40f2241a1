"""Runtimes that hang or are stopped while nobody waits for them: they are killed and replaced."""

from __future__ import annotations

import os
import signal

import pytest

from lambda_emulator.runtime import environment
from support.stacks import ask, call, function, running, until

TROUBLED = function("troubled")


async def test_a_runtime_that_hangs_after_it_answered_is_killed_and_replaced(
    start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(environment, "RETURN_SECONDS", 0.2)
    service = await start(TROUBLED, concurrency=1)
    hanging = await ask(service, {"do": "hang_after"})
    assert (await ask(service, {"do": "state"}))["pid"] != hanging
    await until(lambda: not running(hanging))


async def test_an_idle_process_that_is_stopped_takes_no_event_and_is_replaced(start) -> None:
    service = await start(TROUBLED, concurrency=1)
    stopped = (await ask(service, {"do": "state"}))["pid"]
    os.kill(stopped, signal.SIGSTOP)
    assert (await ask(service, {"do": "state"}))["pid"] != stopped
    await until(lambda: not running(stopped))


async def test_a_process_that_is_stopped_over_an_event_is_killed(start) -> None:
    service = await start(TROUBLED, concurrency=1)
    stopped = (await ask(service, {"do": "state"}))["pid"]
    result = await call(service, {"do": "kill_self", "number": int(signal.SIGSTOP)})
    assert b"Runtime.ExitError" in result.payload
    assert (await ask(service, {"do": "state"}))["pid"] != stopped
