"""boto3 against the Lambda API, with real functions behind it."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import boto3
import pytest
from botocore.config import Config

from lambda_emulator.runtime import LambdaService
from lambda_emulator.stack import AsyncConfig
from support.served import servers_of
from support.stacks import function, stack

Ask = Callable[..., Any]

CAREFUL = AsyncConfig(maximum_retry_attempts=1)
FUNCTIONS = (
    function("echo", logical_id="Echo", name="echo", aliases=("live",), memory_mb=256),
    function("echo", logical_id="Describe", name="describe", handler="app.describe"),
    function("troubled", logical_id="Troubled", name="troubled", timeout_seconds=1, async_config=CAREFUL),
    function("echo", logical_id="Shut", name="shut", reserved_concurrency=0),
)


def client(endpoint: str | None, service: str = "lambda") -> Any:
    return boto3.client(  # type: ignore[call-overload]
        service,
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=Config(retries={"max_attempts": 0}, read_timeout=30),
    )


@pytest.fixture
async def aws() -> AsyncIterator[Ask]:
    """Called as ``await aws("invoke", FunctionName=…)``, calls the operation in a thread."""
    the_stack = stack(*FUNCTIONS)
    async with LambdaService(the_stack, watch=False) as service, servers_of(the_stack, service) as addresses:
        boto = client(addresses.lambda_api)

        async def call(operation: str, **parameters: Any) -> Any:
            def ask() -> Any:
                answer = getattr(boto, operation)(**parameters)
                if "Payload" in answer:
                    answer["Payload"] = answer["Payload"].read()
                return answer

            return await asyncio.to_thread(ask)

        call.exceptions = boto.exceptions  # type: ignore[attr-defined]
        call.boto = boto  # type: ignore[attr-defined]
        yield call


async def test_a_synchronous_invocation(aws: Ask) -> None:
    answer = await aws("invoke", FunctionName="echo", Payload=b'{"a": [1, "\xc3\xa9"]}', LogType="Tail")
    assert (answer["StatusCode"], answer["ExecutedVersion"]) == (200, "$LATEST")
    assert json.loads(answer["Payload"]) == {"a": [1, "é"]}
    assert "FunctionError" not in answer
    request_id = answer["ResponseMetadata"]["RequestId"]
    log = base64.b64decode(answer["LogResult"]).decode()
    assert log.startswith(f"START RequestId: {request_id} Version: $LATEST\n")
    assert f"REPORT RequestId: {request_id}\t" in log


async def test_the_function_sees_alias_context_and_request_id(aws: Ask) -> None:
    context = base64.b64encode(b'{"custom": {"k": "v"}}').decode()
    answer = await aws("invoke", FunctionName="describe", ClientContext=context)
    seen = json.loads(answer["Payload"])
    assert seen["custom"] == {"k": "v"}
    assert seen["request_id"] == answer["ResponseMetadata"]["RequestId"]
    arn = "arn:aws:lambda:us-east-1:123456789012:function:echo"
    for name in (arn, f"{arn}:live", "echo:live", "123456789012:function:echo", "Echo"):
        assert (await aws("invoke", FunctionName=name))["StatusCode"] == 200


async def test_a_function_error(aws: Ask) -> None:
    answer = await aws("invoke", FunctionName="troubled", Payload=json.dumps({"do": "fail", "message": "no"}))
    assert (answer["StatusCode"], answer["FunctionError"]) == (200, "Unhandled")
    error = json.loads(answer["Payload"])
    assert (error["errorType"], error["errorMessage"]) == ("ValueError", "no")
    assert error["stackTrace"]


async def test_a_timeout(aws: Ask) -> None:
    answer = await aws("invoke", FunctionName="troubled", Payload=json.dumps({"do": "spin"}))
    assert answer["FunctionError"] == "Unhandled"
    request_id = answer["ResponseMetadata"]["RequestId"]
    assert json.loads(answer["Payload"]) == {
        "errorType": "Sandbox.Timedout",
        "errorMessage": f"RequestId: {request_id} Error: Task timed out after 1.00 seconds",
    }


async def test_the_other_invocation_types(aws: Ask) -> None:
    assert (await aws("invoke", FunctionName="echo", InvocationType="DryRun"))["StatusCode"] == 204
    answer = await aws("invoke", FunctionName="echo", InvocationType="Event", Payload=b"{}")
    assert (answer["StatusCode"], answer["Payload"]) == (202, b"")
    assert (await aws("invoke_async", FunctionName="echo", InvokeArgs=b"{}"))["Status"] == 202


async def test_a_streamed_invocation(aws: Ask) -> None:
    def ask() -> list[Any]:
        answer = aws.boto.invoke_with_response_stream(FunctionName="echo", Payload=b'{"a": 1}')  # type: ignore[attr-defined]
        return list(answer["EventStream"])

    chunk, complete = await asyncio.to_thread(ask)
    assert json.loads(chunk["PayloadChunk"]["Payload"]) == {"a": 1}
    assert complete == {"InvokeComplete": {}}


@pytest.mark.parametrize(
    ("name", "parameters", "status"),
    [
        ("ResourceNotFoundException", {"FunctionName": "nope"}, 404),
        ("ResourceNotFoundException", {"FunctionName": "echo", "Qualifier": "old"}, 404),
        ("InvalidRequestContentException", {"FunctionName": "echo", "Payload": b"notat:json"}, 400),
        ("InvalidRequestContentException", {"FunctionName": "echo", "ClientContext": "x"}, 400),
        ("RequestTooLargeException", {"FunctionName": "echo", "Payload": b"1" * 6_300_000}, 413),
        ("TooManyRequestsException", {"FunctionName": "shut"}, 429),
    ],
)
async def test_errors_are_boto3_s_own_classes(aws: Ask, name: str, parameters: dict[str, Any], status: int) -> None:
    with pytest.raises(getattr(aws.exceptions, name)) as caught:  # type: ignore[attr-defined]
        await aws("invoke", **parameters)
    error = caught.value.response
    assert error["ResponseMetadata"]["HTTPStatusCode"] == status
    assert error["Error"]["Message"]


async def test_what_boto3_reads_of_functions(aws: Ask) -> None:
    names = await asyncio.to_thread(
        lambda: [
            item["FunctionName"]
            for page in aws.boto.get_paginator("list_functions").paginate(PaginationConfig={"PageSize": 2})  # type: ignore[attr-defined]
            for item in page["Functions"]
        ]
    )
    assert names == ["echo", "describe", "troubled", "shut"]
    configuration = (await aws("get_function", FunctionName="echo"))["Configuration"]
    assert (configuration["MemorySize"], configuration["Timeout"]) == (256, 20)
    assert (await aws("get_function_configuration", FunctionName="echo"))["Handler"] == "app.lambda_handler"
    await asyncio.to_thread(aws.boto.get_waiter("function_active_v2").wait, FunctionName="echo")  # type: ignore[attr-defined]
    assert (await aws("list_aliases", FunctionName="echo"))["Aliases"][0]["Name"] == "live"
    assert (await aws("get_alias", FunctionName="echo", Name="live"))["FunctionVersion"] == "$LATEST"
    assert (await aws("list_versions_by_function", FunctionName="echo"))["Versions"][0]["Version"] == "$LATEST"
    assert (await aws("get_account_settings"))["AccountUsage"]["FunctionCount"] == 4
    assert (await aws("list_tags", Resource=configuration["FunctionArn"]))["Tags"] == {}
    event_config = await aws("get_function_event_invoke_config", FunctionName="troubled")
    assert event_config["MaximumRetryAttempts"] == 1
    with pytest.raises(aws.exceptions.ResourceNotFoundException, match="EventInvokeConfig"):  # type: ignore[attr-defined]
        await aws("get_function_event_invoke_config", FunctionName="echo")


async def test_a_call_that_would_change_something_says_that_it_cannot(aws: Ask) -> None:
    with pytest.raises(aws.exceptions.ClientError, match="defined by the template") as caught:  # type: ignore[attr-defined]
        await aws("delete_function", FunctionName="echo")
    assert caught.value.response["Error"]["Code"] == "NotImplemented"
