"""Test doubles around API Gateway: an invoker without processes, a client without sockets."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from lambda_emulator.asgi import Application
from lambda_emulator.coalescing import NAMES
from lambda_emulator.invocation import FunctionNotFoundError, InvocationResult, check_tenant
from lambda_emulator.stack import Api, Function, Route, Stack

Answer = Any
Handler = Callable[[Any], Answer | Awaitable[Answer]]


@dataclass(frozen=True)
class Invocation:
    """What the fake was asked to run."""

    function: str
    event: Any
    payload: bytes
    qualifier: str | None
    client_context: str | None
    request_id: str | None
    trace_id: str | None
    tenant_id: str | None = None


class FakeInvoker:
    """An ``lambda_emulator.invocation.Invoker`` whose functions are plain callables.

    A callable takes the event and gives the result, an ``InvocationResult``, or an exception to raise.
    """

    def __init__(self, *functions: Function, answer: Handler | None = None) -> None:
        self._functions = list(functions)
        self.answer = answer or (lambda event: event)
        self.calls: list[Invocation] = []

    def functions(self) -> list[Function]:
        return list(self._functions)

    def resolve(self, reference: str, qualifier: str | None = None) -> Function:
        name, _, own = reference.rpartition(":function:")[2].partition(":")
        for function in self._functions:
            if function.is_called(name) and (own or qualifier or "$LATEST") in (
                "$LATEST",
                *function.aliases,
            ):
                return function
        raise FunctionNotFoundError(reference)

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
        function = self.resolve(reference, qualifier)
        check_tenant(function, tenant_id)
        event = json.loads(payload)
        self.calls.append(
            Invocation(function.logical_id, event, payload, qualifier, client_context, request_id, trace_id, tenant_id)
        )
        answer = self.answer(event)
        if isinstance(answer, Awaitable):
            answer = await answer
        if isinstance(answer, Exception):
            raise answer
        if isinstance(answer, InvocationResult):
            return answer
        return InvocationResult(request_id or "r-1", json.dumps(answer).encode(), log_tail=b"START\nEND\n")

    @property
    def last(self) -> Invocation:
        return self.calls[-1]


def failure(message: str = "no", error_type: str = "ValueError") -> InvocationResult:
    """The result of a function that raised."""
    payload = json.dumps({"errorMessage": message, "errorType": error_type, "stackTrace": ["secret place"]}).encode()
    return InvocationResult("r-1", payload, function_error="Unhandled", log_tail=b"[ERROR]\n")


@dataclass(frozen=True)
class Response:
    """What a client got."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str | None:
        return next((value for key, value in self.headers if key == name), None)

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key == name]

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class AsgiClient:
    """Calls an ASGI application directly, with a scope as the server makes it."""

    app: Application
    client: tuple[str, int] = ("203.0.113.7", 50_000)
    server: tuple[str, int] = ("127.0.0.1", 3000)
    default_headers: Mapping[str, str] = field(default_factory=lambda: {"host": "api.example.com"})

    async def request(
        self,
        method: str,
        target: str,
        *,
        headers: Mapping[str, str] | Iterable[tuple[str, str]] = (),
        body: bytes | Sequence[bytes] = b"",
    ) -> Response:
        """The response to a request; ``body`` may come in several chunks."""
        sent = await self._exchange(method, target, headers, body, complete=True)
        start, *bodies = sent
        decoded = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in start["headers"]]
        return Response(start["status"], decoded, b"".join(message.get("body", b"") for message in bodies))

    async def hang_up(self, method: str, target: str, body: bytes) -> bool:
        """Send the beginning of a body and go; says whether the application answered nevertheless."""
        announced = {"content-length": str(len(body) + 1)}
        return bool(await self._exchange(method, target, announced, body, complete=False))

    async def _exchange(
        self,
        method: str,
        target: str,
        headers: Mapping[str, str] | Iterable[tuple[str, str]],
        body: bytes | Sequence[bytes],
        *,
        complete: bool,
    ) -> list[Any]:
        path, _, query = target.partition("?")
        given = list(headers.items() if isinstance(headers, Mapping) else headers)
        names = {name.lower() for name, _ in given}
        given = [(k, v) for k, v in self.default_headers.items() if k not in names] + given
        chunks = [body] if isinstance(body, bytes) else list(body)
        if body and "content-length" not in names:
            announced = (
                ("content-length", str(len(body))) if isinstance(body, bytes) else ("transfer-encoding", "chunked")
            )
            given.append(announced)
        incoming: list[dict[str, Any]] = [
            {"type": "http.request", "body": chunk, "more_body": not complete or index < len(chunks) - 1}
            for index, chunk in enumerate(chunks)
        ]
        sent: list[Any] = []

        async def receive() -> dict[str, Any]:
            return incoming.pop(0) if incoming else {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            sent.append(message)

        scope = {
            "type": "http",
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": unquote(path),
            "raw_path": path.encode("ascii"),
            "query_string": query.encode("latin-1"),
            "headers": [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in given],
            NAMES: [name.encode("latin-1") for name, _ in given],
            "client": self.client,
            "server": self.server,
        }
        async with asyncio.timeout(20):
            await self.app(scope, receive, send)
        return sent

    async def get(self, target: str, **options: Any) -> Response:
        return await self.request("GET", target, **options)

    async def post(self, target: str, body: bytes = b"", **options: Any) -> Response:
        return await self.request("POST", target, body=body, **options)


def a_function(logical_id: str = "Hello", **settings: Any) -> Function:
    """A function whose code is never run."""
    settings = {"name": logical_id, "handler": "app.handler", "runtime": "python3.11", **settings}
    return Function(logical_id=logical_id, code_dir=settings.pop("code_dir", Path(__file__).parent), **settings)


def an_api(kind: str, *routes: str | Route, **settings: Any) -> Api:
    """An API of routes such as ``GET /pets/{id}``, all of them to the function ``Hello``."""
    made = []
    for route in routes:
        if isinstance(route, str):
            method, _, path = route.partition(" ")
            method, path = ("ANY", "$default") if route == "$default" else (method, path)
            payload = "1.0" if kind == "rest" else "2.0"
            route = Route(method, path, "Hello", payload_format=payload)  # type: ignore[arg-type]
        made.append(route)
    defaults = {"logical_id": f"{kind.title()}Api", "stage": "Prod" if kind == "rest" else "$default"}
    return Api(kind=kind, routes=tuple(made), **{**defaults, **settings})  # type: ignore[arg-type]


def a_stack(*functions: Function, apis: Iterable[Api] = ()) -> Stack:
    return Stack(Path("template.yaml"), {function.logical_id: function for function in functions}, tuple(apis))
