"""One invocation on its way through the runtime."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass

from lambda_emulator.invocation import InvocationResult


@dataclass(slots=True)
class Inflight:
    """An accepted invocation. Once accepted it runs to its end, whether or not its caller still waits."""

    request_id: str
    payload: bytes
    arn: str  # as invoked, with the qualifier if one was given
    client_context: str | None
    trace_id: str
    future: asyncio.Future[InvocationResult]
    tenant_id: str | None = None

    def finish(self, result: InvocationResult) -> None:
        """Hand the result to the caller, if there still is one."""
        if not self.future.done():
            self.future.set_result(result)

    def refuse(self, error: Exception) -> None:
        """Raise ``error`` in the caller, if there still is one."""
        if not self.future.done():
            self.future.set_exception(error)

    def event_head(self, deadline_ms: int) -> bytes:
        """The headers that the Runtime API's ``next`` carries beside the event."""
        head = (
            f"Lambda-Runtime-Aws-Request-Id: {self.request_id}\r\n"
            f"Lambda-Runtime-Deadline-Ms: {deadline_ms}\r\n"
            f"Lambda-Runtime-Invoked-Function-Arn: {self.arn}\r\n"
            f"Lambda-Runtime-Trace-Id: {self.trace_id}\r\n"
        )
        if self.client_context is not None:
            head += f"Lambda-Runtime-Client-Context: {one_line(self.client_context)}\r\n"
        if self.tenant_id is not None:
            head += f"Lambda-Runtime-Aws-Tenant-Id: {one_line(self.tenant_id)}\r\n"
        return head.encode()


def untraced(unique: str) -> str:
    """The trace header of an invocation that is not traced. ``unique`` is 32 hexadecimal digits."""
    return f"Root=1-{int(time.time()):08x}-{unique[:24]};Parent={unique[16:]};Sampled=0"


def one_line(text: str) -> str:
    """``text`` fit for a header: JSON means the same with its line breaks gone."""
    return text.replace("\r", " ").replace("\n", " ")
