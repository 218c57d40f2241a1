"""The calls of the Lambda API that concern executions, passed on to the engine.

Mirrors GetDurableExecution, its History and State, CheckpointDurableExecution, StopDurableExecution,
ListDurableExecutionsByFunction and the three SendDurableExecutionCallback calls of the Lambda API Reference.
"""

from __future__ import annotations

from urllib.parse import quote, urlencode

from lambda_emulator.asgi import Reply
from lambda_emulator.durable.engine import Engine, EngineError
from lambda_emulator.invoke_api.router import Router
from lambda_emulator.invoke_api.wire import Call, UnavailableError

_VERSION = "/2025-12-01"
EXECUTIONS = f"{_VERSION}/durable-executions"
_EXECUTION = f"{EXECUTIONS}/{{DurableExecutionArn}}"
_CALLBACK = f"{_VERSION}/durable-execution-callbacks/{{CallbackId}}"


def engine_router(engine: Engine) -> Router:
    """The routes of the calls."""

    async def forward(call: Call) -> Reply:
        path = "/".join(quote(part, safe="") for part in _parts(call))
        query = f"?{urlencode(call.query)}" if call.query else ""
        try:
            return await engine.ask(call.method, f"/{path}{query}", call.body)
        except EngineError as error:
            raise UnavailableError(str(error)) from None

    router = Router()
    for method, path in (
        ("GET", _EXECUTION),
        ("GET", f"{_EXECUTION}/history"),
        ("GET", f"{_EXECUTION}/state"),
        ("POST", f"{_EXECUTION}/checkpoint"),
        ("POST", f"{_EXECUTION}/stop"),
        ("GET", f"{_VERSION}/functions/{{FunctionName}}/durable-executions"),
        ("POST", f"{_CALLBACK}/succeed"),
        ("POST", f"{_CALLBACK}/fail"),
        ("POST", f"{_CALLBACK}/heartbeat"),
    ):
        router.add(method, path, forward)
    return router


def _parts(call: Call) -> list[str]:
    """The segments of the path, decoded: a variable's value may have slashes of its own."""
    (value,) = call.parameters.values()
    start, _, end = call.path.partition(value)
    return [*start.strip("/").split("/"), value, *(part for part in end.strip("/").split("/") if part)]
