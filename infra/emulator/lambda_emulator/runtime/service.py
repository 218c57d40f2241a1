"""The composition root of the runtime: a stack's functions, each with its pool, behind one ``Invoker``."""

from __future__ import annotations

import asyncio
import itertools
import os
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from itertools import chain
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

from lambda_emulator.dependencies import Homes, OwnHomes, SharedHome
from lambda_emulator.invocation import (
    LATEST,
    FunctionNotFoundError,
    InvocationResult,
    ServiceClosedError,
    TooManyRequestsError,
    check_tenant,
)
from lambda_emulator.runtime.environment import Environment
from lambda_emulator.runtime.growth import MOST, SAMPLE_SECONDS
from lambda_emulator.runtime.guard import Guard
from lambda_emulator.runtime.inflight import Inflight, one_line, untraced
from lambda_emulator.runtime.logs import LogBatch, LogSink
from lambda_emulator.runtime.memory import watch_memory
from lambda_emulator.runtime.pool import FunctionPool
from lambda_emulator.runtime.reload import CodeWatcher, code_folders, is_source
from lambda_emulator.runtime.variables import OWNER_VARIABLE
from lambda_emulator.stack import Function, Stack, split_reference

RESERVED_EXCEEDED = "ReservedFunctionConcurrentInvocationLimitExceeded"
EXTRA_IDLE_SECONDS = 30.0
"""An environment beyond the cores that is idle for so long is ended: there is no more need of it."""


class UnsupportedPlatformError(RuntimeError):
    """The runtime needs Linux: process file descriptors and /proc."""


class LambdaService:
    """Runs the functions of a stack. An async context manager; implements ``lambda_emulator.invocation.Invoker``.

    ``concurrency`` limits the environments of each function (default: the number of cores, and more in place of
    environments that wait rather than compute). An environment idle for ``idle_seconds`` is ended. ``log_sink`` gets
    the functions' logs. ``watch`` reloads code as it is edited. ``warm="EAGER"`` starts one environment of every
    function at once and keeps it. ``shared`` gives all functions one Python with all that is installed for it, rather
    than each the packages that it and its layers list.
    """

    def __init__(
        self,
        stack: Stack,
        *,
        concurrency: int | None = None,
        idle_seconds: float = 600.0,
        log_sink: LogSink | None = None,
        watch: bool = True,
        warm: Literal["EAGER", "LAZY"] = "LAZY",
        shared: SharedHome | None = None,
    ) -> None:
        self.stack = stack
        self._concurrency = concurrency or os.cpu_count() or 1
        self._most = concurrency or max(MOST, self._concurrency)
        self._idle_seconds = idle_seconds
        self._log_sink = log_sink
        self._watch = watch
        self._keep = 1 if warm == "EAGER" else 0
        self._shared = shared
        self._homes: Homes = shared or SharedHome()
        self._pools: dict[tuple[str, str | None], FunctionPool] = {}  # by logical id and tenant
        self._tenants = itertools.count(1)
        self._batches: dict[str, LogBatch] = {}
        self._scratch = Path()
        self._owner = ""
        self._targets: dict[tuple[str, str | None], tuple[Function, str, str]] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._watcher: CodeWatcher | None = None
        self._guard: Guard | None = None
        self._open = False

    async def __aenter__(self) -> Self:
        """Raises UnsupportedPlatformError."""
        if not hasattr(os, "pidfd_open"):
            raise UnsupportedPlatformError("local functions need Linux 5.3 or later (on other systems: WSL 2 or a VM)")
        self._scratch = Path(tempfile.mkdtemp(prefix="lambda-"))
        if self._shared is None:
            self._homes = OwnHomes(self._scratch)
        self._owner = f"{uuid.uuid4().hex}."
        self._guard = Guard(f"{OWNER_VARIABLE}={self._owner}", self._scratch)
        for logical_id, function in self.stack.functions.items():
            self._batches[logical_id] = LogBatch(function.name, self._log_sink)
            if not function.tenant_isolation:
                self._pool(function)
        self._open = True
        for pool in self._pools.values():
            pool.warm()
        self._tasks = [asyncio.create_task(work) for work in (watch_memory(self._active), self._reap(), self._grow())]
        if self._watch:
            folders = (folder for function in self.functions() for folder in code_folders(function))
            self._watcher = CodeWatcher(folders, self._reload)
            self._watcher.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.drain_and_close()

    async def prepared(self) -> None:
        """Wait until what the functions list is installed, or has failed to be."""
        await asyncio.gather(*(pool.prepared() for pool in self._pools.values()))

    async def drain_and_close(self, grace_seconds: float = 10.0) -> None:
        """Take no more invocations, let those that run finish within the grace, then end every process."""
        if not self._open:
            return
        self._open = False
        if self._watcher is not None:
            await self._watcher.close()
        with suppress(TimeoutError):
            async with asyncio.timeout(grace_seconds):
                await asyncio.gather(*(pool.drain() for pool in self._pools.values()))
        await asyncio.gather(*(pool.close() for pool in self._pools.values()))
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for batch in self._batches.values():
            batch.flush()
        assert self._guard is not None
        await asyncio.to_thread(self._guard.close)

    def _pool(self, function: Function, tenant_id: str | None = None) -> FunctionPool:
        """The environments of a function; where it isolates tenants, those of one tenant."""
        pool = self._pools.get((function.logical_id, tenant_id))
        if pool is None:
            # Processes are told apart by their owner's name, so those of each tenant have one of their own.
            owner = f"{self._owner}tenant-{next(self._tenants)}." if tenant_id else self._owner
            pool = self._pools[function.logical_id, tenant_id] = FunctionPool(
                function,
                limit=1 if function.debugged else self._concurrency,
                most=1 if function.debugged else self._most,
                keep=0 if tenant_id else self._keep,
                scratch=self._scratch,
                owner=owner,
                batch=self._batches[function.logical_id],
                homes=self._homes,
            )
        return pool

    def _active(self) -> Iterator[Environment]:
        return chain.from_iterable(pool.active() for pool in self._pools.values())

    def _reload(self, changed: frozenset[Path]) -> None:
        for pool in self._pools.values():
            folders = [folder.resolve() for folder in code_folders(pool.function)]
            mine = [path for path in changed if any(is_source(path, folder) for folder in folders)]
            if mine:
                pool.reload(mine)

    async def _reap(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(min(max(self._idle_seconds / 4, 0.05), 10.0))
            for key, pool in list(self._pools.items()):
                pool.reap(loop.time() - self._idle_seconds, loop.time() - EXTRA_IDLE_SECONDS)
                if key[1] is not None and pool.unused:  # the tenant may never come again
                    self._pools.pop(key).discard()

    async def _grow(self) -> None:
        while True:
            await asyncio.sleep(SAMPLE_SECONDS)
            for pool in self._pools.values():
                pool.grow()

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
        tenant_id: str | None = None,
    ) -> InvocationResult:
        """Run the function once. See ``lambda_emulator.invocation.Invoker``.

        A caller that is cancelled does not stop the invocation: like Lambda's, it runs to its end. Beyond the
        function's reserved concurrency, running and waiting together and over all tenants, it is refused.
        https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html
        """
        function, arn, version = self._target(reference, qualifier)
        check_tenant(function, tenant_id)
        if not self._open:
            raise ServiceClosedError("the runtime is shutting down")
        if function.reserved_concurrency is not None and self._in_flight(function) >= function.reserved_concurrency:
            raise TooManyRequestsError(RESERVED_EXCEEDED)
        unique = uuid.uuid4()
        inflight = Inflight(
            request_id or str(unique),
            payload,
            arn,
            client_context,
            one_line(trace_id) if trace_id else untraced(unique.hex),
            asyncio.get_running_loop().create_future(),
            tenant_id,
        )
        self._pool(function, tenant_id).submit(inflight)
        result = await inflight.future
        return result if version == LATEST else replace(result, executed_version=version)

    def _in_flight(self, function: Function) -> int:
        """Invocations of the function that are running or waiting, for whichever tenant."""
        return sum(pool.in_flight for (logical_id, _), pool in self._pools.items() if logical_id == function.logical_id)

    def _target(self, reference: str, qualifier: str | None) -> tuple[Function, str, str]:
        """The function meant, its ARN as invoked, and the version that this is."""
        known = self._targets.get((reference, qualifier))
        if known is None:
            known = self._targets[reference, qualifier] = self._look_up(reference, qualifier)
        return known

    def _look_up(self, reference: str, qualifier: str | None) -> tuple[Function, str, str]:
        name, own_qualifier = split_reference(reference)
        qualifier = own_qualifier or qualifier
        for function in self.stack.functions.values():
            if function.is_called(name):
                version = function.executed_version(qualifier)
                if version is not None:
                    return function, f"{function.arn}:{qualifier}" if qualifier else function.arn, version
        raise FunctionNotFoundError(reference if not qualifier else f"{name}:{qualifier}")
