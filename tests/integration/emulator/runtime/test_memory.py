"""MemorySize is a limit, for the function's children too, and pages that are shared count once."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys

from lambda_emulator.runtime.memory import MemoryMeter
from support.stacks import ask, call, function


async def test_a_function_that_takes_more_than_its_memory_is_killed(start):
    service = await start(function("troubled", memory_mb=128))
    result = await call(service, {"do": "hog", "megabytes": 2000}, request_id="r-1")
    assert result.function_error == "Unhandled"
    assert json.loads(result.payload) == {
        "errorType": "Runtime.ExitError",
        "errorMessage": "RequestId: r-1 Error: Runtime exited with error: signal: killed",
    }
    assert b"Memory Size: 128 MB\tMax Memory Used: 128 MB\t" in result.log_tail
    assert result.log_tail.endswith(b"Status: error\tError Type: Runtime.OutOfMemory\n")
    assert (await ask(service, {"do": "state"}))["calls"] == 1


async def test_a_short_excess_is_found_at_the_end_of_the_invocation(start):
    service = await start(function("troubled", memory_mb=128))
    result = await call(service, {"do": "hog", "megabytes": 160})
    assert result.function_error == "Unhandled"


async def test_memory_within_the_limit_is_reported(start):
    service = await start(function("troubled", memory_mb=512))
    await call(service, {"do": "hog", "megabytes": 100})
    result = await call(service, {"do": "state"})
    used = int(result.log_tail.split(b"Max Memory Used: ")[1].split()[0])
    assert 100 < used < 300


async def test_the_memory_of_child_processes_counts(start):
    service = await start(function("troubled", memory_mb=256))
    result = await call(service, {"do": "hog_in_child", "megabytes": 2000})
    assert b"Runtime exited with error: signal: killed" in result.payload


async def test_pages_that_forked_children_share_count_once(start):
    service = await start(function("troubled", memory_mb=256))
    assert await ask(service, {"do": "share_with_children", "megabytes": 100, "children": 4}) == 100 * 1024 * 1024


def test_a_killed_process_is_known_to_be_dying_until_it_is_dead():
    touch = "held = bytearray(b'x') * 200_000_000; print(flush=True); input()"
    with subprocess.Popen([sys.executable, "-c", touch], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        process.stdout.readline()
        meter = MemoryMeter(process.pid)
        assert not meter.is_dying()
        dead = select.poll()
        dead.register(pidfd := os.pidfd_open(process.pid), select.POLLIN)
        process.send_signal(signal.SIGKILL)
        looks = []
        while not dead.poll(0):
            looks.append(meter.is_dying())
        meter.close()
        os.close(pidfd)
    # The last look may have come after the poll, when the process was dead already.
    assert all(looks[:-1])
