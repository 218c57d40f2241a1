"""A stack that follows its template: edit the file, and what it says is served, without a restart.

The new template's functions are started beside the old ones and take over in one step; what the old ones are busy
with they finish. A template with a mistake changes nothing: the mistake is logged and the old one serves on.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from lambda_emulator.invocation import InvocationResult
from lambda_emulator.runtime import LambdaService
from lambda_emulator.stack import Function, Stack

_LOG = logging.getLogger(__name__)
_GATHER_MS = 100  # an editor's several writes become one change if they are closer than this


class LiveService:
    """An ``Invoker`` over the runtime of the current stack. An async context manager.

    ``runtime`` goes to every ``LambdaService`` that it makes.
    """

    def __init__(self, stack: Stack, **runtime: Any) -> None:
        self._runtime = runtime
        self._service = LambdaService(stack, **runtime)
        self._retiring: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        await self._service.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.drain_and_close()

    async def replace(self, stack: Stack) -> None:
        """Serve another stack from now on; the functions of the old one end as they fall idle."""
        service = LambdaService(stack, **self._runtime)
        await service.__aenter__()
        await service.prepared()  # meanwhile the old one serves on
        old, self._service = self._service, service
        longest = max((function.timeout_seconds for function in old.functions()), default=0)
        retiring = asyncio.create_task(old.drain_and_close(longest))
        self._retiring.add(retiring)
        retiring.add_done_callback(self._retiring.discard)

    async def prepared(self) -> None:
        """See ``LambdaService.prepared``."""
        await self._service.prepared()

    async def drain_and_close(self, grace_seconds: float = 10.0) -> None:
        """See ``LambdaService.drain_and_close``."""
        await self._service.drain_and_close(grace_seconds)
        if self._retiring:
            # What an earlier template left running is ended by its guard, at the latest with this process.
            await asyncio.wait(self._retiring, timeout=grace_seconds)

    def functions(self) -> list[Function]:
        return self._service.functions()

    def resolve(self, reference: str, qualifier: str | None = None) -> Function:
        return self._service.resolve(reference, qualifier)

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
        return await self._service.invoke(
            reference,
            payload,
            qualifier=qualifier,
            client_context=client_context,
            request_id=request_id,
            trace_id=trace_id,
            tenant_id=tenant_id,
        )


async def follow(
    template: Path, load: Callable[[], Stack], adopt: Callable[[Stack], Awaitable[None]], stop: asyncio.Event
) -> None:
    """Load and adopt the stack again at each change of the template, until told to stop.

    Whatever ``load`` raises, for a half-written file as for a mistake in it, is logged and changes nothing.
    """
    from watchfiles import awatch  # 50 ms of import, not needed before the first edit

    def is_template(_change: object, path: str) -> bool:
        return Path(path).name == template.name

    async for _ in awatch(template.parent, watch_filter=is_template, step=_GATHER_MS, recursive=False, stop_event=stop):
        try:
            stack = await asyncio.to_thread(load)
            await adopt(stack)
        except Exception as error:
            _LOG.error("%s is not taken over, what was there before serves on: %s", template.name, error)
            continue
        for warning in stack.warnings:
            _LOG.warning("%s", warning)
        _LOG.info("Reloaded %s", template.name)
