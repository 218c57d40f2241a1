"""No process outlives its environment, and none outlives the runtime, however that ends."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from lambda_emulator.invocation import ServiceClosedError
from support.stacks import ask, call, function, running, until

TROUBLED = function("troubled")

LEFT_BEHIND = [
    {"do": "spawn"},
    {"do": "spawn", "new_session": True},
    {"do": "daemonise"},
]
NAMES = ["child", "session", "daemon"]


async def test_closing_lets_running_calls_finish_and_refuses_new_ones(start):
    service = await start(TROUBLED, concurrency=2)
    calls = [asyncio.create_task(ask(service, {"do": "nap", "seconds": 0.3})) for _ in range(4)]
    await asyncio.sleep(0)
    closing = asyncio.create_task(service.drain_and_close())
    await asyncio.sleep(0)
    with pytest.raises(ServiceClosedError):
        await call(service, {"do": "state"})
    pids = {answer["pid"] for answer in await asyncio.gather(*calls)}
    await closing
    assert not any(map(running, pids))


async def test_closing_does_not_wait_beyond_the_grace(start):
    service = await start(TROUBLED, concurrency=1)
    await call(service, {"do": "state"})
    running_call = asyncio.create_task(call(service, {"do": "spin"}))
    waiting_call = asyncio.create_task(call(service, {"do": "state"}))
    await asyncio.sleep(0)
    await service.drain_and_close(grace_seconds=0.2)
    assert b"signal: killed" in (await running_call).payload
    with pytest.raises(ServiceClosedError):
        await waiting_call


async def test_a_function_that_ignores_sigterm_is_ended_too(start):
    service = await start(TROUBLED)
    pid = (await ask(service, {"do": "ignore_sigterm"}))["pid"]
    await service.drain_and_close()
    assert not running(pid)


@pytest.mark.parametrize("event", LEFT_BEHIND, ids=NAMES)
async def test_closing_ends_what_the_function_left_behind(start, event):
    service = await start(TROUBLED)
    left = await ask(service, event)
    assert all(map(running, left["children"]))
    await service.drain_and_close()
    await until(lambda: not any(map(running, [left["pid"], *left["children"]])), 2.0)


@pytest.mark.parametrize("event", LEFT_BEHIND, ids=NAMES)
async def test_the_end_of_an_environment_ends_what_it_left_behind(start, event):
    service = await start(TROUBLED)
    left = await ask(service, event)
    assert (await call(service, {"do": "leave_at_once", "status": 1})).function_error
    await until(lambda: not any(map(running, [left["pid"], *left["children"]])), 2.0)


RUNTIME = """
import asyncio, json, sys
from lambda_emulator.runtime import LambdaService
from support.stacks import ask, function, stack

async def main():
    async with LambdaService(stack(function("troubled")), concurrency=4) as service:
        left = [await ask(service, event) for event in json.loads(sys.argv[1])]
        busy = asyncio.create_task(ask(service, {"do": "spin"}))
        await asyncio.sleep(0)
        other = await ask(service, {"do": "keep", "name": "file"})
        print(json.dumps({"left": left, "other": other["pid"]}), flush=True)
        await busy

asyncio.run(main())
"""


def descendants(pid: int) -> set[int]:
    children = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        children.setdefault(int(fields[1]), []).append(int(stat.parent.name))
    found, pending = set(), [pid]
    while pending:
        for child in children.get(pending.pop(), ()):
            found.add(child)
            pending.append(child)
    return found


def test_a_runtime_that_is_killed_leaves_no_process_and_no_folder_within_two_seconds(tmp_path):
    tests = Path(__file__).parents[3]
    runtime = subprocess.Popen(
        [sys.executable, "-c", RUNTIME, json.dumps(LEFT_BEHIND)],
        stdout=subprocess.PIPE,
        cwd=tests,
        env={**os.environ, "TMPDIR": str(tmp_path), "PYTHONPATH": str(tests)},
    )
    try:
        seen = json.loads(runtime.stdout.readline())
        family = descendants(runtime.pid) | {seen["other"]}
        for left in seen["left"]:
            family |= {left["pid"], *left["children"]}
        assert len(family) >= 6
        assert any(tmp_path.iterdir())
    finally:
        runtime.send_signal(signal.SIGKILL)
        runtime.communicate()
    deadline = time.monotonic() + 2.0
    while any(map(running, family)) or any(tmp_path.iterdir()):
        assert time.monotonic() < deadline, [pid for pid in family if running(pid)]
        time.sleep(0.01)
