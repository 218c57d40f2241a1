"""The lines that Lambda itself writes around what a function writes, as text or as JSON.

Mirrors "Log and monitor Python Lambda functions" for the text, and "Configuring JSON and plain text log formats" with
"Lambda Telemetry API Event schema reference" for JSON (AWS Lambda Developer Guide), where ``SystemLogLevel`` chooses
among the events.
"""

from __future__ import annotations

import json
import math
from typing import Any, Protocol

from lambda_emulator.invocation import LATEST
from lambda_emulator.runtime import logs
from lambda_emulator.stack import Function

_LEVELS = {"DEBUG": 0, "INFO": 1, "WARN": 2}


class PlatformEvents(Protocol):
    """What is written at each step of an environment's life: whole lines, or nothing.

    ``status`` is empty for what went well, ``timeout``, or ``error``; ``error_type`` says which error.
    """

    def init_start(self) -> bytes:
        """The process starts."""

    def init_done(self, init_ms: float) -> bytes:
        """The function is loaded."""

    def init_ended(self, init_ms: float, phase: str, status: str, error_type: str) -> bytes:
        """The function could not be loaded. ``phase`` is ``init`` or ``invoke``."""

    def start(self, request_id: str) -> bytes:
        """An invocation begins."""

    def timed_out(self, request_id: str) -> bytes:
        """The invocation is cut off."""

    def exited(self, request_id: str, reason: str) -> bytes:
        """The process ended under the invocation."""

    def end(self, request_id: str, figures: Figures, status: str, error_type: str) -> bytes:
        """The invocation is over. The function's own error counts as ``error`` too."""


class Figures:
    """What is measured of an invocation. Durations are in milliseconds; ``init_ms`` is None on a warm start."""

    __slots__ = ("duration_ms", "init_ms", "max_memory_mb", "memory_size_mb", "produced_bytes")

    def __init__(
        self, duration_ms: float, init_ms: float | None, *, memory_size_mb: int, max_memory_mb: int, produced_bytes: int
    ) -> None:
        self.duration_ms = duration_ms
        self.init_ms = init_ms
        self.memory_size_mb = memory_size_mb
        self.max_memory_mb = max_memory_mb
        self.produced_bytes = produced_bytes

    @property
    def billed_ms(self) -> int:
        """With the init phase ("AWS Lambda standardizes billing for INIT Phase", AWS Compute Blog, 2025)."""
        return math.ceil(self.duration_ms + (self.init_ms or 0.0))


def platform_events(function: Function, python_version: str) -> PlatformEvents:
    """The events in the format that the function asks for, of a process of that Python."""
    return (JsonEvents if function.logging.format == "JSON" else TextEvents)(function, python_version)


class TextEvents:
    """START, END, REPORT and the like."""

    def __init__(self, function: Function, python_version: str) -> None:
        self._function = function
        self._python_version = python_version

    def init_start(self) -> bytes:
        return logs.init_start_line(self._python_version)

    def init_done(self, init_ms: float) -> bytes:
        return b""

    def init_ended(self, init_ms: float, phase: str, status: str, error_type: str) -> bytes:
        return logs.init_report_line(init_ms, phase, logs.error_status(error_type) if error_type else status)

    def start(self, request_id: str) -> bytes:
        return logs.start_line(request_id, LATEST)

    def timed_out(self, request_id: str) -> bytes:
        return logs.timeout_lines(request_id, self._function.timeout_seconds)

    def exited(self, request_id: str, reason: str) -> bytes:
        return logs.exit_lines(request_id, reason)

    def end(self, request_id: str, figures: Figures, status: str, error_type: str) -> bytes:
        # What the function itself raised is answered, and REPORT says nothing of it.
        crashed = status == "error" and error_type.startswith("Runtime.")
        told = logs.error_status(error_type) if crashed else status if status == "timeout" else ""
        return logs.end_lines(
            request_id,
            duration_ms=figures.duration_ms,
            billed_ms=figures.billed_ms,
            memory_size_mb=figures.memory_size_mb,
            max_memory_mb=figures.max_memory_mb,
            init_ms=figures.init_ms,
            status=told,
        )


class JsonEvents:
    """One JSON object for each event, those below the function's ``SystemLogLevel``, or ``least``, left out."""

    def __init__(self, function: Function, python_version: str, *, least: str | None = None) -> None:
        self._function = function
        self._python_version = python_version
        self._least = _LEVELS[least or function.logging.system_level]

    def init_start(self) -> bytes:
        version = {"runtimeVersion": f"python:{self._python_version}"}
        named = {"functionName": self._function.name, "functionVersion": LATEST}
        return self._event("INFO", "initStart", **_on_demand("init"), **version, **named)

    def init_done(self, init_ms: float) -> bytes:
        done = self._event("DEBUG", "initRuntimeDone", **_on_demand("init"), status="success")
        return done + self._event("DEBUG", "initReport", **_on_demand("init"), metrics={"durationMs": _ms(init_ms)})

    def init_ended(self, init_ms: float, phase: str, status: str, error_type: str) -> bytes:
        outcome = _outcome(status, error_type)
        done = self._event("WARN", "initRuntimeDone", **_on_demand(phase), **outcome)
        metrics = {"durationMs": _ms(init_ms)}
        return done + self._event("WARN", "initReport", **_on_demand(phase), metrics=metrics, **outcome)

    def start(self, request_id: str) -> bytes:
        return self._event("INFO", "start", requestId=request_id, version=LATEST)

    def timed_out(self, request_id: str) -> bytes:
        return b""

    def exited(self, request_id: str, reason: str) -> bytes:
        return b""

    def end(self, request_id: str, figures: Figures, status: str, error_type: str) -> bytes:
        outcome = _outcome(status or "success", error_type)
        produced = {"durationMs": _ms(figures.duration_ms), "producedBytes": figures.produced_bytes}
        level = "WARN" if status else "DEBUG"
        done = self._event(level, "runtimeDone", requestId=request_id, metrics=produced, **outcome)
        metrics: dict[str, Any] = {
            "durationMs": _ms(figures.duration_ms),
            "billedDurationMs": figures.billed_ms,
            "memorySizeMB": figures.memory_size_mb,
            "maxMemoryUsedMB": figures.max_memory_mb,
        }
        if figures.init_ms is not None:
            metrics["initDurationMs"] = _ms(figures.init_ms)
        level = "WARN" if status else "INFO"
        return done + self._event(level, "report", requestId=request_id, metrics=metrics, **outcome)

    def _event(self, level: str, kind: str, **record: Any) -> bytes:
        if _LEVELS[level] < self._least:
            return b""
        return json.dumps({"time": logs.timestamp(), "type": f"platform.{kind}", "record": record}).encode() + b"\n"


def _on_demand(phase: str) -> dict[str, str]:
    return {"initializationType": "on-demand", "phase": phase}


def _outcome(status: str, error_type: str) -> dict[str, str]:
    return {"status": status, "errorType": error_type} if error_type else {"status": status}


def _ms(milliseconds: float) -> float:
    return round(milliseconds, 3)
