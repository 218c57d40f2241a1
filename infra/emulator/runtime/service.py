"""The composition root of the runtime: a stack's functions, each with its pool, behind one ``Invoker``."""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
import uuid
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

from emulator.invocation import FunctionNotFoundError, InvocationResult, ServiceClosedError
from emulator.runtime.inflight import Inflight, one_line
from emulator.runtime.logs import LogBatch, LogSink
from emulator.runtime.pool import FunctionPool
from emulator.stack import Function, Stack


class LambdaService:
    """Runs the functions of a stack. An async context manager; implements ``emulator.invocation.Invoker``.

    ``concurrency`` limits the environments of each function (default: the number of cores). An environment idle for
    ``idle_seconds`` is ended. ``log_sink`` gets the functions' logs. ``watch`` reloads code as it is edited.
    ``warm="EAGER"`` starts one environment of every function at once and keeps it.
    """

    def __init__(
        self,
        stack: Stack,
        *,
        concurrency: int | None = None,
        idle_seconds: float = 300.0,
        log_sink: LogSink | None = None,
        watch: bool = True,
        warm: Literal["EAGER", "LAZY"] = "LAZY",
        python: str = sys.executable,
    ) -> None:
        self.stack = stack
        self._concurrency = concurrency or os.cpu_count() or 1
        self._idle_seconds = idle_seconds
        self._log_sink = log_sink
        self._watch = watch
        self._warm = warm
        self._python = python
        self._pools: dict[str, FunctionPool] = {}
        self._batches: list[LogBatch] = []
        self._targets: dict[tuple[str, str | None], tuple[Function, str]] = {}
        self._closed = True

    async def __aenter__(self) -> Self:
        scratch = Path(tempfile.mkdtemp(prefix="lambda-"))
        for logical_id, function in self.stack.functions.items():
            batch = LogBatch(function.name, self._log_sink)
            self._batches.append(batch)
            (scratch / logical_id).mkdir()
            self._pools[logical_id] = FunctionPool(
                function,
                limit=self._concurrency,
                scratch=scratch / logical_id,
                owner=uuid.uuid4().hex,
                batch=batch,
                python=self._python,
            )
        self._closed = False
        if self._warm == "EAGER":
            for pool in self._pools.values():
                pool.warm()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.drain_and_close()

    async def drain_and_close(self, grace_seconds: float = 10.0) -> None:
        """Take no more invocations, let those that run finish within the grace, then end every process."""
        if self._closed:
            return
        self._closed = True
        deadline = asyncio.get_running_loop().time() + grace_seconds
        while any(pool.in_flight for pool in self._pools.values()):
            if asyncio.get_running_loop().time() > deadline:
                break
            await asyncio.sleep(0.01)
        await asyncio.gather(*(pool.close() for pool in self._pools.values()))
        for batch in self._batches:
            batch.flush()

    def functions(self) -> list[Function]:
        """Every function of the stack, in the template's order."""
        return list(self.stack.functions.values())

    def resolve(self, reference: str, qualifier: str | None = None) -> Function:
        """The function that a name, logical id, partial ARN, full ARN or ``name:qualifier`` means.

        Raises FunctionNotFoundError.
        """
        return self._target(reference, qualifier)[0]

    async def invoke(
        self,
        reference: str,
        payload: bytes,
        *,
        qualifier: str | None = None,
        client_context: str | None = None,
        request_id: str | None = None,
        trace_id: str | None = None,
    ) -> InvocationResult:
        """Run the function once. See ``emulator.invocation.Invoker``.

        A caller that is cancelled does not stop the invocation: like Lambda's, it runs to its end.
        """
        function, arn = self._target(reference, qualifier)
        if self._closed:
            raise ServiceClosedError("the runtime is shutting down")
        inflight = Inflight(
            request_id or str(uuid.uuid4()),
            payload,
            arn,
            client_context,
            one_line(trace_id or ""),
            asyncio.get_running_loop().create_future(),
        )
        self._pools[function.logical_id].submit(inflight)
        return await inflight.future

    def _target(self, reference: str, qualifier: str | None) -> tuple[Function, str]:
        """The function meant, and its ARN as invoked."""
        known = self._targets.get((reference, qualifier))
        if known is None:
            known = self._targets[reference, qualifier] = self._look_up(reference, qualifier)
        return known

    def _look_up(self, reference: str, qualifier: str | None) -> tuple[Function, str]:
        name, _, own_qualifier = reference.rpartition(":function:")[2].partition(":")
        qualifier = own_qualifier or qualifier
        for function in self.stack.functions.values():
            if name in (function.name, function.logical_id):
                if not qualifier:
                    return function, function.arn
                if qualifier == "$LATEST" or qualifier in function.aliases:
                    return function, f"{function.arn}:{qualifier}"
        raise FunctionNotFoundError(reference if not qualifier else f"{name}:{qualifier}")
