"""Starts the engine's process and asks it."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from lambda_emulator.arn import REGION
from lambda_emulator.asgi import JSON_TYPE, Reply
from lambda_emulator.http_client import async_client, reason
from lambda_emulator.stack import Function

if TYPE_CHECKING:
    from httpx import AsyncClient

_SECONDS = 30.0  # for one answer of the engine
_START_SECONDS = 30.0
_JSON = {"content-type": "application/json"}
_ERROR_TYPE = "x-amzn-errortype"
_VARIABLES = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": REGION}


class EngineError(RuntimeError):
    """The engine does not start, or does not answer."""


class Engine:
    """The engine's process. Started once, it answers until it is closed."""

    def __init__(self) -> None:
        self._process: asyncio.subprocess.Process | None = None
        self._client: AsyncClient | None = None

    async def start(self, lambda_endpoint: str, functions: Iterable[Function]) -> None:
        """Start it. It invokes functions at ``lambda_endpoint``. Raises EngineError."""
        config = {
            "lambdaEndpoint": lambda_endpoint,
            "region": REGION,
            "skipTime": False,
            "functions": {function.name: _durability(function) for function in functions},
        }
        environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "lambda_emulator.durable.engine_process",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env={**environment, **_VARIABLES},
            start_new_session=True,  # Ctrl-C is for the command, which ends the engine when it is ready to
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(config).encode() + b"\n")
        try:
            async with asyncio.timeout(_START_SECONDS):
                port = (await self._process.stdout.readline()).decode().strip()
        except TimeoutError:
            port = ""
        if not port:
            await self.close()
            raise EngineError("the engine for durable functions does not start")
        url = f"http://127.0.0.1:{port}"
        self._client = async_client(url, _SECONDS)
        self._client.base_url = url

    async def ask(self, method: str, target: str, body: bytes = b"") -> Reply:
        """The engine's answer to one call. Raises EngineError."""
        from httpx import HTTPError

        assert self._client is not None, "not started"
        try:
            answer = await self._client.request(method, target, content=body, headers=_JSON)
        except HTTPError as error:
            raise EngineError(f"the engine for durable functions does not answer: {reason(error)}") from None
        headers = [JSON_TYPE]
        if answer.is_error:
            kind = answer.headers.get(_ERROR_TYPE) or _error_type(answer.content)
            headers.append((_ERROR_TYPE.encode(), kind.encode()))
        return Reply(answer.status_code, answer.content, headers)

    async def close(self) -> None:
        """End the process."""
        if self._client is not None:
            await self._client.aclose()
            self._client = None
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()
        self._process = None


def _durability(function: Function) -> dict[str, Any]:
    if function.durable is None:
        return {}
    config = function.durable
    days = config.retention_days
    return {"DurableConfig": {"ExecutionTimeout": config.execution_timeout_seconds, "RetentionPeriodInDays": days}}


def _error_type(content: bytes) -> str:
    try:
        found = json.loads(content)
    except ValueError:
        return "ServiceException"
    return str(found.get("Type") or found.get("__type") or "ServiceException") if isinstance(found, dict) else ""
