"""Functions that fail, each in its own way: what the caller is told, and that the next call succeeds."""

from __future__ import annotations

import asyncio
import json
import os
import signal

import pytest

from lambda_emulator.dependencies import SharedHome
from lambda_emulator.invocation import MAX_SYNC_PAYLOAD
from lambda_emulator.runtime import environment
from support.stacks import ask, call, function, running, until

TROUBLED = function("troubled")


def error(result):
    assert result.function_error == "Unhandled"
    return json.loads(result.payload)


async def test_a_handler_that_raises_is_reported_with_its_trace_and_lives_on(start):
    service = await start(TROUBLED)
    before = await ask(service, {"do": "state"})
    failed = await call(service, {"do": "fail", "message": "no good"}, request_id="r-1")
    after = await ask(service, {"do": "state"})
    told = error(failed)
    assert told["errorMessage"] == "no good"
    assert told["errorType"] == "ValueError"
    assert told["requestId"] == "r-1"
    assert any("in fail" in line for line in told["stackTrace"])
    assert b"[ERROR] ValueError: no good" in failed.log_tail
    assert after["pid"] == before["pid"]


async def test_an_answer_that_is_not_json_is_a_marshal_error(start):
    service = await start(TROUBLED)
    assert error(await call(service, {"do": "unserialisable"}))["errorType"] == "Runtime.MarshalError"


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        ({"do": "leave", "status": 0}, "Runtime exited without providing a reason"),
        ({"do": "leave", "status": 3}, "Runtime exited with error: exit status 3"),
        ({"do": "leave_at_once", "status": 0}, "Runtime exited without providing a reason"),
        ({"do": "leave_at_once", "status": 127}, "Runtime exited with error: exit status 127"),
        ({"do": "segfault"}, "Runtime exited with error: signal: segmentation fault"),
        ({"do": "kill_self", "number": signal.SIGKILL}, "Runtime exited with error: signal: killed"),
    ],
    ids=lambda value: value["do"] if isinstance(value, dict) else "",
)
async def test_a_process_that_ends_before_it_answers_is_an_exit_error(start, event, reason):
    service = await start(TROUBLED)
    result = await call(service, event, request_id="r-1")
    assert error(result) == {"errorType": "Runtime.ExitError", "errorMessage": f"RequestId: r-1 Error: {reason}"}
    assert result.log_tail.endswith(b"Status: error\tError Type: Runtime.ExitError\n")
    assert (await ask(service, {"do": "state"}))["calls"] == 1


async def test_a_function_that_runs_too_long_is_cut_off_and_replaced(start):
    service = await start(function("troubled", timeout_seconds=1))
    result = await call(service, {"do": "spin"}, request_id="r-1")
    message = "RequestId: r-1 Error: Task timed out after 1.00 seconds"
    assert error(result) == {"errorType": "Sandbox.Timedout", "errorMessage": message}
    assert b" r-1 Task timed out after 1.00 seconds\n\nEND RequestId: r-1\n" in result.log_tail
    assert b"Duration: 1000.00 ms\t" in result.log_tail
    assert result.log_tail.endswith(b"\tStatus: timeout\n")
    assert (await ask(service, {"do": "state"}))["calls"] == 1


async def test_a_reset_keeps_the_temporary_files_and_forgets_the_globals(start):
    service = await start(TROUBLED)
    first = await ask(service, {"do": "keep", "name": "file"})
    await call(service, {"do": "leave_at_once", "status": 1})
    second = await ask(service, {"do": "state"})
    assert first["pid"] != second["pid"]
    assert second["calls"] == 1
    assert "file" in second["kept"]


async def test_temporary_files_are_not_shared_between_environments(start):
    service = await start(TROUBLED, concurrency=2)
    busy = asyncio.create_task(ask(service, {"do": "nap", "seconds": 0.5}))
    await asyncio.sleep(0)
    first = await ask(service, {"do": "keep", "name": "mine"})
    second = await busy
    assert first["pid"] != second["pid"]
    assert "mine" in first["kept"]
    assert "mine" not in second["kept"]


async def test_an_answer_over_the_limit_is_refused_and_the_next_call_succeeds(start):
    service = await start(TROUBLED)
    assert (await call(service, {"do": "big", "size": MAX_SYNC_PAYLOAD})).function_error is None
    told = error(await call(service, {"do": "big", "size": 7_000_000}))
    assert told["errorType"] == "Function.ResponseSizeTooLarge"
    assert told["errorMessage"] == "Response payload size exceeded maximum allowed payload size (6291556 bytes)."
    assert (await ask(service, {"do": "state"}))["calls"] == 1


@pytest.mark.parametrize(
    ("source", "error_type", "message"),
    [
        ("import not_there", "Runtime.ImportModuleError", "Unable to import module 'app': No module named 'not_there'"),
        ("def broken(:", "Runtime.UserCodeSyntaxError", "Syntax error in module 'app': "),
        ("x = 1", "Runtime.HandlerNotFound", "Handler 'lambda_handler' missing on module 'app'"),
        ("raise ValueError('early')", "ValueError", "early"),
    ],
    ids=["import", "syntax", "handler", "raise"],
)
async def test_code_that_cannot_be_loaded_is_the_functions_own_error(start, log, tmp_path, source, error_type, message):
    (tmp_path / "app.py").write_text(source)
    service = await start(function(tmp_path))
    told = error(await call(service))
    assert told["errorType"] == error_type
    assert told["errorMessage"].startswith(message)
    assert told["requestId"] == ""
    await until(lambda: f"Phase: init\tStatus: error\tError Type: {error_type}" in log.text)


async def test_every_caller_that_waits_for_code_that_cannot_be_loaded_is_told_soon(start, log, tmp_path):
    (tmp_path / "app.py").write_text("import not_there")
    service = await start(function(tmp_path), concurrency=2)
    results = await asyncio.gather(*(call(service) for _ in range(30)))
    assert {error(result)["errorType"] for result in results} == {"Runtime.ImportModuleError"}
    assert log.text.count("INIT_START") <= 4


@pytest.mark.parametrize("statement", ["sys.exit(5)", "os._exit(5)"])
async def test_a_process_that_ends_while_it_loads_is_an_exit_error(start, tmp_path, statement):
    (tmp_path / "app.py").write_text(f"import os, sys\nprint('so far')\n{statement}")
    service = await start(function(tmp_path))
    result = await call(service, request_id="r-1")
    message = "RequestId: r-1 Error: Runtime exited with error: exit status 5"
    assert error(result) == {"errorType": "Runtime.ExitError", "errorMessage": message}
    assert b"so far" in result.log_tail


async def test_loading_that_exceeds_the_init_phase_is_done_again_within_the_functions_time(start, log, monkeypatch):
    monkeypatch.setattr(environment, "INIT_SECONDS", 0.3)
    slow = function("slow_start", environment={"SECONDS": "0.8"}, timeout_seconds=15)
    service = await start(slow)
    answer = await ask(service)
    await until(lambda: "REPORT" in log.text)
    assert "Phase: init\tStatus: timeout" in log.text
    assert answer["remaining_ms"] < 14_200


async def test_loading_that_exceeds_the_functions_time_too_times_out(start, log, monkeypatch):
    monkeypatch.setattr(environment, "INIT_SECONDS", 0.2)
    service = await start(function("slow_start", environment={"SECONDS": "60"}, timeout_seconds=1))
    assert error(await call(service))["errorType"] == "Sandbox.Timedout"
    await until(lambda: "Phase: invoke\tStatus: timeout" in log.text)


async def test_an_environment_that_died_idle_is_replaced_unnoticed(start):
    service = await start(TROUBLED)
    for _ in range(3):
        pid = (await ask(service, {"do": "state"}))["pid"]
        os.kill(pid, signal.SIGKILL)  # the very next call may come before its end is noticed
        assert (await ask(service, {"do": "state"}))["pid"] != pid


async def test_code_that_dies_idle_is_not_started_again_and_again(start, log):
    service = await start(TROUBLED, warm="EAGER")
    pid = (await ask(service, {"do": "die_soon", "seconds": 0.05}))["pid"]
    await until(lambda: not running(pid))
    await until(lambda: log.text.count("INIT_START") == 2)
    assert (await ask(service, {"do": "state"}))["calls"] == 1
    assert log.text.count("INIT_START") == 2


async def test_a_missing_interpreter_is_an_error_of_the_function(start):
    service = await start(function(), shared=SharedHome("/nowhere/python"))
    assert error(await call(service))["errorType"] == "Runtime.InvalidEntrypoint"
