"""Which handler a call of the Lambda API goes to.

Other parts of the control plane (event source mappings) bring a ``Router`` of their own, which is mounted beside
this package's.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterator
from typing import NamedTuple
from urllib.parse import unquote

from lambda_emulator.asgi import Reply
from lambda_emulator.invoke_api.wire import Call

Handler = Callable[[Call], Awaitable[Reply]]


class Operation(NamedTuple):
    """One call of the API: method and path, with ``{Name}`` for each variable segment."""

    method: str
    pattern: re.Pattern[str]
    handler: Handler


class Router:
    """A set of operations.

    ``add("GET", "/2015-03-31/event-source-mappings/{UUID}", handler)``; the handler gets a ``Call`` with the path's
    variables in ``parameters``, and answers with a ``Reply`` or raises an ``ApiError``.
    """

    def __init__(self) -> None:
        self._operations: list[Operation] = []

    def add(self, method: str, path: str, handler: Handler) -> None:
        """Register an operation. A trailing slash, in the path or in a request, says nothing."""
        expression = re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", re.escape(path.rstrip("/")))
        self._operations.append(Operation(method, re.compile(expression), handler))

    def find(self, method: str, raw_path: str) -> tuple[Handler, dict[str, str]] | None:
        """The handler of a call and the decoded variables of its path, or None."""
        raw_path = raw_path.rstrip("/")
        for operation in self._operations:
            if operation.method == method and (found := operation.pattern.fullmatch(raw_path)):
                return operation.handler, {name: unquote(value) for name, value in found.groupdict().items()}
        return None

    def __iter__(self) -> Iterator[Operation]:
        return iter(self._operations)
