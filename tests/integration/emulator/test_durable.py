"""Durable functions: executions are suspended, replayed, answered, stopped and looked at."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from typing import Any

import boto3
import pytest
from botocore.config import Config
from click.testing import CliRunner, Result

from lambda_emulator.cli import local
from lambda_emulator.dependencies import SharedHome
from lambda_emulator.durable import DurableService, needed
from lambda_emulator.runtime import LambdaService
from lambda_emulator.server import Options, Servers
from lambda_emulator.stack import DurableConfig
from support.stacks import function, stack, until

DURABLE = function("durable", durable=DurableConfig(60))


class Served:
    """A Lambda API with a durable function, and what its functions logged."""

    def __init__(self, endpoint: str) -> None:
        self.endpoint = endpoint
        self.lines = b""
        self._client = boto3.client(
            "lambda",
            endpoint_url=endpoint,
            region_name="us-east-1",
            aws_access_key_id="test",
            aws_secret_access_key="test",
            config=Config(retries={"max_attempts": 0}, read_timeout=60),
        )

    def log(self, _name: str, lines: bytes) -> None:
        self.lines += lines

    async def call(self, operation: str, **parameters: Any) -> Any:
        def ask() -> Any:
            answer = getattr(self._client, operation)(**parameters)
            if "Payload" in answer:
                answer["Payload"] = answer["Payload"].read()
            return answer

        return await asyncio.to_thread(ask)

    async def invoke(self, event: Any, **parameters: Any) -> Any:
        return await self.call("invoke", FunctionName="the-function", Payload=json.dumps(event), **parameters)

    async def sam(self, *arguments: str) -> Result:
        return await asyncio.to_thread(
            lambda: CliRunner().invoke(local, [*arguments, "--endpoint", self.endpoint], catch_exceptions=False)
        )

    async def ended(self, arn: str) -> Any:
        """The execution, once it runs no more."""
        while True:
            found = await self.call("get_durable_execution", DurableExecutionArn=arn)
            if found["Status"] != "RUNNING":
                return found
            await asyncio.sleep(0.1)

    async def callback_id(self) -> str:
        await until(lambda: b"CALLBACK" in self.lines, seconds=60)
        found = re.search(rb"CALLBACK (\S+)", self.lines)
        assert found
        return found[1].decode()


@pytest.fixture
async def served() -> AsyncIterator[Served]:
    lines: list[bytes] = []
    async with DurableService() as durable:
        assert needed(stack(DURABLE))
        the_stack = durable.prepared(stack(DURABLE))
        home = SharedHome()  # the SDK is among the packages of the tests
        async with LambdaService(
            the_stack, watch=False, log_sink=lambda _, each: lines.append(each), shared=home
        ) as service:
            await durable.open(service)
            servers = Servers(the_stack, durable, Options(lambda_port=0), durable)
            addresses = servers.bind()
            async with servers:
                assert addresses.lambda_api
                client = Served(addresses.lambda_api)
                gathering = asyncio.create_task(_gather(lines, client))
                yield client
                gathering.cancel()


async def _gather(lines: list[bytes], client: Served) -> None:
    while True:
        client.lines = b"".join(lines)
        await asyncio.sleep(0.02)


async def test_an_execution_runs_to_its_end_and_each_step_once(served: Served) -> None:
    result = await served.invoke({"number": 21}, DurableExecutionName="first")
    assert json.loads(result["Payload"]) == {"doubled": 42}
    assert "FunctionError" not in result
    found = await served.call("get_durable_execution", DurableExecutionArn=result["DurableExecutionArn"])
    assert (found["Status"], found["DurableExecutionName"]) == ("SUCCEEDED", "first")
    assert served.lines.count(b"step 21\n") == 1
    assert served.lines.count(b"START RequestId") == 2  # the handler was replayed after the wait
    history = await served.sam("execution", "history", result["DurableExecutionArn"])
    kinds = [event["EventType"] for event in json.loads(history.stdout)["Events"]]
    assert kinds[0] == "ExecutionStarted"
    assert {"StepSucceeded", "WaitSucceeded", "ExecutionSucceeded"} <= set(kinds)


async def test_what_the_handler_raises_fails_the_execution(served: Served) -> None:
    result = await served.invoke({"number": 1, "fail": True})
    assert result["FunctionError"] == "Unhandled"
    error = json.loads(result["Payload"])
    assert (error["errorType"], error["errorMessage"]) == ("ValueError", "no such star")


async def test_an_execution_waits_for_its_callback(served: Served) -> None:
    result = await served.invoke({"number": 1, "ask": True}, InvocationType="Event")
    assert result["StatusCode"] == 202
    callback_id = await served.callback_id()
    assert (await served.sam("callback", "heartbeat", callback_id)).exit_code in (0, 1)  # it asked for none
    answered = await served.sam("callback", "succeed", callback_id, "--result", '"a star"')
    assert answered.exit_code == 0, answered.output
    found = await served.ended(result["DurableExecutionArn"])
    assert (found["Status"], json.loads(found["Result"])) == ("SUCCEEDED", '"a star"')


async def test_an_execution_can_be_stopped(served: Served) -> None:
    result = await served.invoke({"number": 1, "ask": True}, InvocationType="Event")
    await served.callback_id()
    stopped = await served.sam("execution", "stop", result["DurableExecutionArn"])
    assert stopped.exit_code == 0, stopped.output
    assert (await served.ended(result["DurableExecutionArn"]))["Status"] == "STOPPED"
    shown = await served.sam("execution", "get", result["DurableExecutionArn"])
    assert json.loads(shown.stdout)["Status"] == "STOPPED"


async def test_an_execution_that_is_unknown_is_named_as_such(served: Served) -> None:
    shown = await served.sam("execution", "get", "none")
    assert shown.exit_code == 1
    assert "ResourceNotFoundException" in shown.output
