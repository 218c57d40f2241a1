"""Stacks of the small functions in ``lambda_functions``, without a template."""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from lambda_emulator.invocation import InvocationResult, Invoker
from lambda_emulator.stack import Function, Stack

FUNCTIONS = Path(__file__).with_name("lambda_functions")


def function(folder: str | Path = "echo", **changes: Any) -> Function:
    """A function whose code is in ``folder``; a name means one of ``lambda_functions``."""
    base = Function(
        logical_id="TheFunction",
        name="the-function",
        handler="app.lambda_handler",
        runtime="python3.11",
        code_dir=FUNCTIONS / folder,
        memory_mb=256,
        timeout_seconds=20,
    )
    return replace(base, **changes)


def stack(*functions: Function) -> Stack:
    return Stack(Path("template.yaml"), {each.logical_id: each for each in functions})


async def call(
    invoker: Invoker, event: Any = None, reference: str = "the-function", **options: Any
) -> InvocationResult:
    """Invoke with an event given as a Python value."""
    return await invoker.invoke(reference, json.dumps(event).encode(), **options)


async def ask(invoker: Invoker, event: Any = None, reference: str = "the-function", **options: Any) -> Any:
    """Invoke, and give the answer as a Python value. Fails if the function did."""
    result = await call(invoker, event, reference, **options)
    assert result.function_error is None, result
    return json.loads(result.payload)


async def until(condition: Callable[[], bool], seconds: float = 10.0) -> None:
    """Wait until the condition holds; fail after the time."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        await asyncio.sleep(0.01)


def running(pid: int) -> bool:
    """Whether a process runs. One that merely waits to be reaped does not."""
    try:
        os.kill(pid, 0)
        return Path("/proc", str(pid), "stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (ProcessLookupError, FileNotFoundError):
        return False
