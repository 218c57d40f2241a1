"""Functions that isolate tenants: what is kept apart, and what a call must say."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from lambda_emulator.invocation import TenantError, TooManyRequestsError
from support.stacks import ask, call, function, until

CODE = """
import os
import pathlib
import time

calls = 0

def lambda_handler(event, context):
    global calls
    calls += 1
    if event == "die":
        os._exit(1)
    if isinstance(event, dict) and "wait_for" in event:
        pathlib.Path(event["wait_for"] + ".begun").touch()
        while not pathlib.Path(event["wait_for"]).exists():
            time.sleep(0.01)
    return {"tenant": context.tenant_id, "calls": calls, "pid": os.getpid()}
"""


@pytest.fixture
def counting(tmp_path):
    (tmp_path / "app.py").write_text(CODE)
    return function(tmp_path, tenant_isolation=True)


async def test_every_tenant_has_environments_of_its_own(start, counting):
    service = await start(counting)
    answers = [await ask(service, tenant_id=tenant) for tenant in ("blue", "red", "blue")]
    assert [(answer["tenant"], answer["calls"]) for answer in answers] == [("blue", 1), ("red", 1), ("blue", 2)]
    assert answers[0]["pid"] == answers[2]["pid"] != answers[1]["pid"]


async def test_a_crash_for_one_tenant_leaves_the_others_alone(start, counting):
    service = await start(counting)
    red = await ask(service, tenant_id="red")
    assert (await call(service, "die", tenant_id="blue")).function_error
    assert (await ask(service, tenant_id="blue"))["calls"] == 1
    assert await ask(service, tenant_id="red") == {**red, "calls": 2}


async def test_a_tenant_must_be_named_where_they_are_isolated_and_only_there(start, counting):
    service = await start(counting, replace(counting, logical_id="Plain", name="plain", tenant_isolation=False))
    with pytest.raises(TenantError, match="Add a valid tenant ID"):
        await call(service)
    with pytest.raises(TenantError, match="Remove the tenant ID"):
        await call(service, reference="plain", tenant_id="blue")
    assert (await ask(service, reference="plain"))["tenant"] is None


async def test_reserved_concurrency_counts_over_all_tenants(start, counting, tmp_path):
    service = await start(replace(counting, reserved_concurrency=2))
    running = [
        asyncio.create_task(ask(service, {"wait_for": str(tmp_path / tenant)}, tenant_id=tenant))
        for tenant in ("blue", "red")
    ]
    await until(lambda: all((tmp_path / f"{tenant}.begun").exists() for tenant in ("blue", "red")), 60)
    with pytest.raises(TooManyRequestsError) as refused:
        await call(service, tenant_id="green")
    assert refused.value.reason == "ReservedFunctionConcurrentInvocationLimitExceeded"
    (tmp_path / "blue").touch()
    await running[0]
    assert (await ask(service, tenant_id="green"))["tenant"] == "green"
    (tmp_path / "red").touch()
    await running[1]


async def test_a_tenant_that_stays_away_leaves_nothing_behind(start, counting):
    service = await start(counting, idle_seconds=0.1)
    for tenant in ("blue", "red", "green"):
        await ask(service, tenant_id=tenant)
    await until(lambda: not service._pools, 60)
    assert (await ask(service, tenant_id="blue"))["calls"] == 1
