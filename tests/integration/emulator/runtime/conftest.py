"""A runtime with real processes, and what its functions logged."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from typing import Any

import pytest

from lambda_emulator.runtime import LambdaService
from lambda_emulator.stack import Function
from support.stacks import stack


class Log:
    """Collects what the sink is given."""

    def __init__(self) -> None:
        self.lines = b""

    def __call__(self, function_name: str, lines: bytes) -> None:
        assert lines.endswith(b"\n")
        self.lines += lines

    @property
    def text(self) -> str:
        return self.lines.decode(errors="replace")


@pytest.fixture
def log() -> Log:
    return Log()


Start = Callable[..., Any]


@pytest.fixture
async def start(log: Log) -> AsyncIterator[Start]:
    """Called as ``await start(function, …)``, gives a running service; it is closed at the end of the test."""
    async with AsyncExitStack() as services:

        async def start_service(*functions: Function, **options: Any) -> LambdaService:
            options = {"watch": False, "log_sink": log} | options
            return await services.enter_async_context(LambdaService(stack(*functions), **options))

        yield start_service
