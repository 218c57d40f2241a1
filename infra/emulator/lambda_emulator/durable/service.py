"""An ``Invoker`` in which invoking a durable function runs an execution to its end.

Two endpoints stand beside it on loopback ports: one at which the engine runs handlers once, and one that functions
find as ``AWS_ENDPOINT_URL_LAMBDA``, with the calls for checkpoints and states.
"""

from __future__ import annotations

import asyncio
import json
import logging
import uuid
from dataclasses import replace
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

from lambda_emulator.asgi import Application, Receive, Reply, Scope, Send
from lambda_emulator.durable.engine import Engine, EngineError
from lambda_emulator.durable.router import EXECUTIONS, engine_router
from lambda_emulator.http_server import HttpServer
from lambda_emulator.invocation import InvocationResult, Invoker
from lambda_emulator.invoke_api import ApiError, LambdaApi, Router
from lambda_emulator.stack import Function, Stack

ENDPOINT = "AWS_ENDPOINT_URL_LAMBDA"
_POLL_SECONDS = (0.01, 1.0)  # between polls of an execution, at first and at most
_LOG = logging.getLogger(__name__)


class StartError(ApiError):
    """An execution is not started; the answer is the engine's, in the Lambda API's form."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(reply.body.decode(errors="replace"))
        self._reply = reply

    def reply(self) -> Reply:
        return self._reply


def needed(stack: Stack) -> bool:
    """Whether the stack has a durable function."""
    return any(function.durable for function in stack.functions.values())


class DurableService:
    """Runs the durable functions of a stack over an invoker that runs handlers. An async context manager.

    ``prepared`` gives the stack whose functions know where to send their checkpoints, from which ``invoker`` is made.
    """

    def __init__(self) -> None:
        self._engine = Engine()
        self._inner: Invoker | None = None
        self._apps: dict[str, Application] = {}
        self._handlers = HttpServer(self._app("handlers"), "127.0.0.1", 0, flag="")
        self._functions = HttpServer(self._app("functions"), "127.0.0.1", 0, flag="")
        self._apis: list[LambdaApi] = []

    def prepared(self, stack: Stack) -> Stack:
        """The stack with the address for checkpoints in the variables of its durable functions."""
        functions = {
            logical_id: replace(function, environment={ENDPOINT: self._functions.url, **function.environment})
            if function.durable
            else function
            for logical_id, function in stack.functions.items()
        }
        return replace(stack, functions=functions)

    async def open(self, invoker: Invoker) -> None:
        """Begin to serve. ``invoker`` runs handlers. Raises EngineError."""
        self._inner = invoker
        await self._engine.start(self._handlers.url, invoker.functions())
        plain, durable = LambdaApi(invoker), LambdaApi(self, routers=[self.router()], durable=self)
        self._apis = [plain, durable]
        self._apps = {"handlers": plain, "functions": durable}
        for server in (self._handlers, self._functions):
            await server.open()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._engine.close()
        for api in self._apis:
            await api.close(0.0)
        for server in (self._handlers, self._functions):
            await server.close(0.0)

    def router(self) -> Router:
        """The calls of the Lambda API that the engine answers."""
        return engine_router(self._engine)

    # Invoker

    def functions(self) -> list[Function]:
        return self._runner.functions()

    def resolve(self, reference: str, qualifier: str | None = None) -> Function:
        return self._runner.resolve(reference, qualifier)

    async def invoke(self, reference: str, payload: bytes, **options: Any) -> InvocationResult:
        """Run a function; a durable one from the start of an execution to its end."""
        function = self._runner.resolve(reference, options.get("qualifier"))
        if function.durable is None:
            return await self._runner.invoke(reference, payload, **options)
        return await self.run(
            reference, payload, request_id=options.get("request_id"), qualifier=options.get("qualifier")
        )

    async def run(
        self,
        reference: str,
        payload: bytes,
        *,
        name: str | None = None,
        request_id: str | None = None,
        qualifier: str | None = None,
    ) -> InvocationResult:
        """Run a durable function from the start of an execution, which may have a ``name``, to its end."""
        function = self._runner.resolve(reference, qualifier)
        request_id = request_id or str(uuid.uuid4())
        try:
            arn = await self.start(function, payload, qualifier=qualifier, name=name)
            return await self.wait(arn, request_id)
        except StartError as error:
            return InvocationResult(request_id, _error("Runtime.DurableEngine", str(error)), "Unhandled")
        except EngineError as error:
            _LOG.error("%s: %s", function.name, error)
            return InvocationResult(request_id, _error("Runtime.DurableEngine", str(error)), "Unhandled")

    async def start(
        self, function: Function, payload: bytes, *, qualifier: str | None = None, name: str | None = None
    ) -> str:
        """Start an execution and give its ARN. Raises StartError, EngineError."""
        assert function.durable is not None
        body = {
            "AccountId": function.location.account,
            "FunctionName": function.name,
            "FunctionQualifier": function.executed_version(qualifier) or "$LATEST",
            "ExecutionName": name or str(uuid.uuid4()),
            "ExecutionTimeoutSeconds": function.durable.execution_timeout_seconds,
            "ExecutionRetentionPeriodDays": function.durable.retention_days,
            "Input": payload.decode(errors="replace"),
        }
        reply = await self._engine.ask("POST", "/start-durable-execution", json.dumps(body).encode())
        if reply.status >= 300:
            raise StartError(reply)
        arn: str = json.loads(reply.body)["ExecutionArn"]
        return arn

    async def wait(self, arn: str, request_id: str) -> InvocationResult:
        """What the execution comes to. Raises EngineError."""
        pause, longest = _POLL_SECONDS
        while True:
            reply = await self._engine.ask("GET", f"{EXECUTIONS}/{quote(arn, safe='')}")
            if reply.status >= 300:
                raise EngineError(reply.body.decode(errors="replace"))
            found = json.loads(reply.body)
            if found["Status"] != "RUNNING":
                return _result(found, arn, request_id)
            await asyncio.sleep(pause)
            pause = min(pause * 1.5, longest)

    @property
    def _runner(self) -> Invoker:
        assert self._inner is not None, "not open"
        return self._inner

    def _app(self, name: str) -> Application:
        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            await self._apps[name](scope, receive, send)

        return app


def _result(execution: dict[str, Any], arn: str, request_id: str) -> InvocationResult:
    if execution["Status"] == "SUCCEEDED":
        payload = (execution.get("Result") or "null").encode()
        return InvocationResult(request_id, payload, durable_execution_arn=arn)
    error = execution.get("Error") or {}
    payload = _error(
        error.get("ErrorType") or f"DurableExecution.{execution['Status']}",
        error.get("ErrorMessage") or f"The execution ended as {execution['Status']}",
        error.get("StackTrace"),
    )
    return InvocationResult(request_id, payload, "Unhandled", durable_execution_arn=arn)


def _error(kind: str, message: str, trace: Any = None) -> bytes:
    content = {"errorType": kind, "errorMessage": message}
    return json.dumps({**content, "stackTrace": trace} if trace else content).encode()
