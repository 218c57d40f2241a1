"""Runtimes that hang or are stopped while nobody waits for them: they are killed and replaced."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from lambda_emulator.dependencies import SharedHome
from lambda_emulator.runtime import environment
from support.stacks import ask, call, function, running, until

TROUBLED = function("troubled")

ODD_RUNTIME = r"""#!{python}
import json, os, pathlib, socket, sys, time
marker = pathlib.Path({marker!r})
if marker.exists():
    os.execv(sys.executable, [sys.executable, *sys.argv[1:]])
marker.write_text(str(os.getpid()))
api = os.environ["AWS_LAMBDA_RUNTIME_API"]
connection = socket.create_connection(api.split(":"))
start = "/2018-06-01/runtime/invocation/"
head = f"POST {{start}}unknown/response HTTP/1.1\r\nHost: {{api}}\r\nContent-Length: 0\r\n\r\n"
connection.sendall(head.encode())
connection.recv(65536)  # what it is answered does not matter: the other side knows by then whose connection this is
connection.sendall(f"GET {{start}}next HTTP/1.1\r\nHost: {{api}}\r\n\r\n".encode())
"""

COMPUTE_AND_ANSWER = r"""
end = time.process_time() + 3
while time.process_time() < end:
    pass
request_id = connection.recv(65536).decode().split("Request-Id: ")[1].split()[0]
body = json.dumps({"pid": os.getpid()})
head = f"POST {start}{request_id}/response HTTP/1.1\r\nHost: {api}\r\nContent-Length: {len(body)}\r\n\r\n"
connection.sendall((head + body).encode())
time.sleep(600)
"""


def odd_runtime(folder: Path, then: str) -> tuple[str, Callable[[], int]]:
    """A runtime whose first process does as told once it has asked for an event, and what that process's id is."""
    marker, program = folder / "marker", folder / "runtime"
    program.write_text(ODD_RUNTIME.format(python=sys.executable, marker=str(marker)) + then)
    program.chmod(0o755)
    return str(program), lambda: int(marker.read_text())


async def test_a_runtime_that_hangs_after_it_answered_is_killed_and_replaced(
    start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(environment, "RETURN_SECONDS", 0.2)
    service = await start(TROUBLED, concurrency=1)
    hanging = await ask(service, {"do": "hang_after"})
    assert (await ask(service, {"do": "state"}))["pid"] != hanging
    await until(lambda: not running(hanging))


async def test_while_a_runtime_hangs_after_it_answered_another_takes_its_place(
    start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(environment, "RETURN_SECONDS", 600)
    service = await start(TROUBLED, concurrency=1)
    hanging = await ask(service, {"do": "hang_after"})
    assert (await ask(service, {"do": "state"}))["pid"] != hanging
    assert running(hanging)


async def test_a_runtime_that_computes_after_it_answered_is_left_alone(start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(environment, "RETURN_SECONDS", 0.1)
    monkeypatch.setattr(environment, "LATE_SECONDS", 600)
    service = await start(TROUBLED, concurrency=1)
    slow = await ask(service, {"do": "compute_after", "seconds": 1.5})
    assert (await ask(service, {"do": "state"}))["pid"] == slow


async def test_an_event_that_a_runtime_does_not_take_goes_to_another(start, tmp_path: Path, log) -> None:
    python, pid = odd_runtime(tmp_path, "time.sleep(600)")
    service = await start(TROUBLED, concurrency=1, shared=SharedHome(python))
    assert (await ask(service, {"do": "state"}))["pid"] != pid()
    await until(lambda: not running(pid()))
    assert "does not take its event; it is killed" in log.text


async def test_a_runtime_that_takes_its_event_late_since_it_computes_is_left_alone(start, tmp_path: Path) -> None:
    python, pid = odd_runtime(tmp_path, COMPUTE_AND_ANSWER)
    service = await start(TROUBLED, concurrency=1, shared=SharedHome(python))
    assert await ask(service, {"do": "state"}) == {"pid": pid()}


async def test_a_runtime_that_closes_its_connection_gets_no_event_and_is_replaced(start, tmp_path: Path, log) -> None:
    python, pid = odd_runtime(tmp_path, "connection.close(); time.sleep(600)")
    service = await start(TROUBLED, concurrency=1, shared=SharedHome(python), warm="EAGER")
    await until(lambda: "closed its connection; it is killed" in log.text)
    await until(lambda: not running(pid()))
    assert (await ask(service, {"do": "state"}))["pid"] != pid()


async def test_many_events_for_stopped_processes_are_all_answered(start) -> None:
    service = await start(TROUBLED, concurrency=2)
    pids = {(await ask(service, {"do": "nap", "seconds": 0.2}))["pid"] for _ in range(2)}
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    answers = await asyncio.gather(*(ask(service, {"do": "state"}) for _ in range(20)))
    assert not pids & {answer["pid"] for answer in answers}


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
