"""Lines out of a pipe, the tail of an invocation, and the lines that Lambda writes itself."""

from __future__ import annotations

import json
import os
from typing import Any

import pytest

from lambda_emulator.runtime import logs
from lambda_emulator.runtime.logs import EnvironmentLog, LogBatch
from lambda_emulator.runtime.platform_events import Figures, platform_events
from lambda_emulator.stack import LoggingConfig
from support.stacks import function


@pytest.fixture
async def piped():
    """A log, the writing end of its pipe, and what its sink got."""
    got = []
    batch = LogBatch("f", lambda name, lines: got.append((name, lines)))
    log = EnvironmentLog(batch)
    reading, writing = os.pipe()
    os.set_blocking(reading, False)
    yield log, reading, writing, batch, got
    log.close()
    os.close(writing)


async def test_whole_lines_reach_the_sink_in_one_batch(piped):
    log, reading, writing, batch, got = piped
    log.attach(reading)
    os.write(writing, b"one\ntw")
    log.drain()
    os.write(writing, b"o\nthree")
    log.drain()
    batch.flush()
    assert got == [("f", b"one\ntwo\n")]
    log.platform(b"END\n")
    batch.flush()
    assert got[1:] == [("f", b"three\nEND\n")]


async def test_the_tail_begins_with_the_invocation_and_shows_unfinished_lines(piped):
    log, reading, writing, *_ = piped
    log.attach(reading)
    os.write(writing, b"before")
    log.drain()
    log.start(b"START\n")
    os.write(writing, b"during")
    log.drain()
    log.platform(b"END\n")
    assert log.tail() == b"START\nduring\nEND\n"


async def test_the_tail_is_bounded_whatever_is_written(piped):
    log, reading, writing, *_ = piped
    log.attach(reading)
    log.start(b"START\n")
    for _ in range(100):
        os.write(writing, b"x" * 10_000)
        log.drain()
    assert log.tail() == b"x" * 4096


async def test_draining_an_empty_pipe_and_a_closed_one_does_nothing(piped):
    log, reading, *_ = piped
    log.drain()
    log.attach(reading)
    log.drain()
    log.close()
    log.drain()
    assert log.tail() == b""


async def test_a_large_batch_is_given_at_once():
    got = []
    batch = LogBatch("f", lambda name, lines: got.append(lines))
    batch.add(b"x" * 300_000 + b"\n")
    assert len(got) == 1


async def test_a_sink_that_fails_is_given_no_more_and_fails_nobody_else(caplog):
    calls = []

    def sink(name, lines):
        calls.append(lines)
        raise BrokenPipeError

    batch = LogBatch("f", sink)
    for _ in range(2):
        batch.add(b"line\n")
        batch.flush()
    assert calls == [b"line\n"]
    assert "dropped from here on" in caplog.text


@pytest.mark.parametrize(
    ("init_ms", "status", "expected"),
    [
        (
            None,
            "",
            "END RequestId: r\nREPORT RequestId: r\tDuration: 1.50 ms\tBilled Duration: 2 ms\tMemory Size: 128 MB\t"
            "Max Memory Used: 40 MB\t\n",
        ),
        (
            100.26,
            "",
            "END RequestId: r\nREPORT RequestId: r\tDuration: 1.50 ms\tBilled Duration: 102 ms\tMemory Size: 128 MB\t"
            "Max Memory Used: 40 MB\tInit Duration: 100.26 ms\t\n",
        ),
        (
            None,
            "timeout",
            "END RequestId: r\nREPORT RequestId: r\tDuration: 1.50 ms\tBilled Duration: 2 ms\tMemory Size: 128 MB\t"
            "Max Memory Used: 40 MB\tStatus: timeout\n",
        ),
    ],
)
def test_the_report_line_is_as_lambda_writes_it(init_ms, status, expected):
    figures = Figures(1.5, init_ms, memory_size_mb=128, max_memory_mb=40, produced_bytes=2)
    lines = platform_events(function(), "3.11").end("r", figures, status, "")
    assert lines.decode() == expected


def events(level: str, status: str = "", error_type: str = "") -> list[dict[str, Any]]:
    """All that is written of a start and an invocation, in JSON."""
    chosen = platform_events(function(logging=LoggingConfig("JSON", system_level=level)), "3.11")
    figures = Figures(1.5, 100.26, memory_size_mb=128, max_memory_mb=40, produced_bytes=2)
    loaded = chosen.init_done(100.26) if not status else chosen.init_ended(100.26, "init", status, error_type)
    lines = chosen.init_start() + loaded + chosen.start("r") + chosen.end("r", figures, status, error_type)
    return [json.loads(line) for line in lines.splitlines()]


@pytest.mark.parametrize(
    ("level", "status", "kinds"),
    [
        ("INFO", "", "initStart start report"),
        ("DEBUG", "", "initStart initRuntimeDone initReport start runtimeDone report"),
        ("WARN", "", ""),
        ("WARN", "timeout", "initRuntimeDone initReport runtimeDone report"),
    ],
)
def test_the_system_log_level_chooses_among_the_platform_s_events(level, status, kinds):
    found = events(level, status)
    assert [event["type"] for event in found] == [f"platform.{kind}" for kind in kinds.split()]
    assert all(event.keys() == {"time", "type", "record"} for event in found)


def test_a_report_in_json_is_as_lambda_writes_it():
    *_, done, report = events("DEBUG", "error", "ValueError")
    assert done["record"] == {
        "requestId": "r",
        "metrics": {"durationMs": 1.5, "producedBytes": 2},
        "status": "error",
        "errorType": "ValueError",
    }
    assert report["record"] == {
        "requestId": "r",
        "metrics": {
            "durationMs": 1.5,
            "billedDurationMs": 102,
            "memorySizeMB": 128,
            "maxMemoryUsedMB": 40,
            "initDurationMs": 100.26,
        },
        "status": "error",
        "errorType": "ValueError",
    }


def test_the_init_report_line_is_as_lambda_writes_it():
    line = logs.init_report_line(9999.789, "init", logs.error_status("Runtime.ImportModuleError"))
    expected = (
        b"INIT_REPORT Init Duration: 9999.79 ms\tPhase: init\tStatus: error\tError Type: Runtime.ImportModuleError\n"
    )
    assert line == expected
