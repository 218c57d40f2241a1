"""One invocation on its way through the runtime."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from emulator.invocation import InvocationResult


@dataclass(slots=True)
class Inflight:
    """An accepted invocation. Once accepted it runs to its end, whether or not its caller still waits."""

    request_id: str
    payload: bytes
    arn: str  # as invoked, with the qualifier if one was given
    client_context: str | None
    trace_id: str
    future: asyncio.Future[InvocationResult]

    def finish(self, result: InvocationResult) -> None:
        """Hand the result to the caller, if there still is one."""
        if not self.future.done():
            self.future.set_result(result)

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
        return head.encode()


def one_line(text: str) -> str:
    """``text`` fit for a header: JSON means the same with its line breaks gone."""
    return text.replace("\r", " ").replace("\n", " ")
