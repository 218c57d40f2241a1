"""What a function that behaves sees and gives."""

from __future__ import annotations

import asyncio
import json
import os
import re

import pytest
import uvloop

from lambda_emulator.invocation import MAX_SYNC_PAYLOAD, FunctionNotFoundError, ServiceClosedError
from lambda_emulator.runtime import LambdaService
from support.stacks import ask, call, function, stack, until


async def test_the_event_reaches_the_handler_and_its_answer_comes_back(start):
    service = await start(function())
    result = await service.invoke("the-function", b'{"a": [1, "\xc3\xa9"]}')
    assert json.loads(result.payload) == {"a": [1, "é"]}
    assert result.function_error is None
    assert result.executed_version == "$LATEST"
    assert result.duration_ms > 0


async def test_only_the_first_invocation_of_an_environment_has_an_init_duration(start):
    service = await start(function())
    cold, warm = await call(service), await call(service)
    assert cold.init_ms > 0
    assert warm.init_ms is None


async def test_an_environment_is_reused_and_keeps_its_globals(start):
    service = await start(function(handler="app.describe"))
    first, second = await ask(service), await ask(service)
    assert (first["pid"], first["calls"]) == (second["pid"], 1)
    assert second["calls"] == 2


async def test_the_context_is_lambdas(start):
    service = await start(function(handler="app.describe", aliases=("live",), timeout_seconds=5))
    seen = await ask(service, request_id="the-id", client_context='{"custom":\n{"k": "v"}}', qualifier="live")
    assert seen["request_id"] == "the-id"
    assert seen["arn"] == "arn:aws:lambda:us-east-1:123456789012:function:the-function:live"
    assert seen["function_name"] == "the-function"
    assert seen["memory_limit"] == "256"
    assert seen["custom"] == {"k": "v"}
    assert 4000 < seen["remaining_ms"] <= 5000


async def test_the_environment_variables_are_lambdas_the_templates_and_few_of_the_hosts(start, monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "real")
    monkeypatch.setenv("SECRET_OF_THE_HOST", "hidden")
    chosen = function(handler="app.describe", environment={"GREETING": "hello"})
    service = await start(chosen)
    variables = (await ask(service, trace_id="Root=1-2-3"))["variables"]
    assert variables["GREETING"] == "hello"
    assert variables["AWS_ACCESS_KEY_ID"] == "test"
    assert variables["AWS_LAMBDA_FUNCTION_NAME"] == "the-function"
    assert variables["_X_AMZN_TRACE_ID"] == "Root=1-2-3"
    assert variables["LAMBDA_TASK_ROOT"] == str(chosen.code_dir)
    assert variables["PATH"].endswith(f":{os.environ['PATH']}")
    assert not {"SECRET_OF_THE_HOST", "AWS_LAMBDA_MAX_CONCURRENCY"} & variables.keys()


async def test_the_function_runs_in_its_code_folder_and_imports_from_its_layers(start, tmp_path):
    code, layer, source_layer = tmp_path / "code", tmp_path / "layer", tmp_path / "source_layer"
    (code / "deep").mkdir(parents=True)
    (layer / "python").mkdir(parents=True)
    source_layer.mkdir()
    (layer / "python" / "built.py").write_text("NAME = 'built'")
    (source_layer / "plain.py").write_text("NAME = 'plain'")
    source = "import built, plain, os\ndef handler(event, context): return [built.NAME, plain.NAME, os.getcwd()]"
    (code / "deep" / "entry.py").write_text(source)
    chosen = function(code, handler="deep/entry.handler", layer_dirs=(layer, source_layer))
    service = await start(chosen)
    assert await ask(service) == ["built", "plain", str(code)]


async def test_the_largest_event_and_answer_pass(start):
    service = await start(function())
    payload = json.dumps("x" * (MAX_SYNC_PAYLOAD - 2)).encode()
    assert len(payload) == MAX_SYNC_PAYLOAD
    result = await service.invoke("the-function", payload)
    assert result.payload == payload


@pytest.mark.parametrize("reference", ["the-name", "Inner/Echo", "Echo"])
async def test_a_function_of_a_nested_stack_is_found_with_and_without_its_path(start, reference):
    service = await start(function(logical_id="Inner/Echo", name="the-name"))
    assert await ask(service, 7, reference) == 7


async def test_a_function_is_found_by_name_logical_id_and_arn(start):
    service = await start(function(aliases=("live",), versions=("1",)))
    for qualifier, version in (("live", "1"), ("1", "1"), ("$LATEST", "$LATEST"), (None, "$LATEST")):
        assert (await call(service, qualifier=qualifier)).executed_version == version
    for reference in (
        "the-function",
        "TheFunction",
        "the-function:$LATEST",
        "the-function:live",
        "123456789012:function:the-function",
        "arn:aws:lambda:us-east-1:123456789012:function:the-function",
        "arn:aws:lambda:eu-west-1:000000000000:function:the-function:live",
    ):
        assert await ask(service, 1, reference) == 1


@pytest.mark.parametrize(
    ("reference", "qualifier"), [("other", None), ("the-function", "nope"), ("the-function:7", None)]
)
async def test_what_is_not_in_the_stack_is_not_found(start, reference, qualifier):
    service = await start(function())
    with pytest.raises(FunctionNotFoundError):
        await service.invoke(reference, b"{}", qualifier=qualifier)


async def test_the_log_tail_of_a_cold_start_is_as_lambda_writes_it(start):
    service = await start(function())
    result = await call(service, request_id="r-1")
    tail = result.log_tail.decode()
    assert tail.startswith("START RequestId: r-1 Version: $LATEST\nEND RequestId: r-1\nREPORT RequestId: r-1\t")
    assert re.search(
        r"Duration: \d+\.\d\d ms\tBilled Duration: \d+ ms\tMemory Size: 256 MB\tMax Memory Used: [1-9]\d* MB\t"
        r"Init Duration: \d+\.\d\d ms\t\n$",
        tail,
    )


async def test_a_closed_service_takes_no_invocation():
    service = LambdaService(stack(function()), watch=False)
    async with service:
        await call(service)
    with pytest.raises(ServiceClosedError):
        await call(service)


def test_works_on_uvloop():
    async def scenario():
        async with LambdaService(stack(function()), watch=True) as service:
            return await asyncio.gather(*(ask(service, number) for number in range(20)))

    assert uvloop.run(scenario()) == list(range(20))


async def test_an_eager_environment_is_started_before_the_first_call(start, log):
    await start(function(), warm="EAGER")
    await until(lambda: "INIT_START Runtime Version: python:3." in log.text)
