"""Bursts of calls: every one is answered, or turned away with the time after which to try again."""

import asyncio
from collections import Counter

import grpc
import pytest
from google.rpc import error_details_pb2
from grpc_status import rpc_status

from stellar.schema import EXAMPLE
from stellar_grpc import gate
from stellar_service.contract import PredictBatchRequest, StarFeatures
from support.grpc_server import Stub, grpc_server

GOOD = StarFeatures(**EXAMPLE)


async def outcome(call):
    """The status of a call, by name."""
    try:
        await call
    except grpc.aio.AioRpcError as error:
        return error.code().name
    return "OK"


async def retry_seconds(call):
    """After how long a call that was turned away may be tried again."""
    status = await rpc_status.aio.from_call(call)
    info = error_details_pb2.RetryInfo()
    assert status.details[0].Unpack(info)
    return info.retry_delay.ToTimedelta().total_seconds()


@pytest.fixture(scope="module")
def server():
    with grpc_server() as process:
        yield process


def a_channel(address):
    return grpc.aio.insecure_channel(address, options=[("grpc.use_local_subchannel_pool", 1)])


@pytest.mark.timeout(600)  # thirteen seconds on two idle cores
@pytest.mark.parametrize("number", [2_000, 10_000])
async def test_thousands_of_calls_at_once_on_one_channel_are_all_answered(server, number):
    async with a_channel(server.address) as channel:
        stub = Stub(channel)
        outcomes = await asyncio.gather(*(outcome(stub.Predict(GOOD)) for _ in range(number)))
    assert Counter(outcomes) == {"OK": number}


async def test_bystander_loses_nothing_by_those_who_reset_their_calls(server):
    async def reset_calls():
        async with a_channel(server.address) as channel:
            stub = Stub(channel)
            for _ in range(5):
                calls = [stub.Predict(GOOD) for _ in range(500)]
                await asyncio.sleep(0)
                for call in calls:
                    call.cancel()
                await asyncio.gather(*map(outcome, calls), return_exceptions=True)

    attackers = [asyncio.create_task(reset_calls()) for _ in range(2)]
    outcomes = []
    async with a_channel(server.address) as channel:
        stub = Stub(channel)
        while not all(attacker.done() for attacker in attackers):
            outcomes += await asyncio.gather(*(outcome(stub.Predict(GOOD)) for _ in range(10)))
    await asyncio.gather(*attackers)
    assert set(outcomes) == {"OK"}


async def test_calls_beyond_what_is_held_are_told_when_to_try_again(start, monkeypatch):
    monkeypatch.setattr(gate, "MOST_CALLS", 1)
    async with start() as (_, stub):
        stream = stub.PredictStream()
        await stream.write(GOOD)
        assert (await stream.read()).label
        call = stub.Predict(GOOD)
        assert await outcome(call) == "RESOURCE_EXHAUSTED"
        assert await retry_seconds(call) == 1.0
        await stream.done_writing()
        assert await stream.read() is grpc.aio.EOF
        assert await outcome(stub.Predict(GOOD)) == "OK"


async def test_batch_for_whose_objects_there_is_no_room_is_told_when_to_try_again(start, monkeypatch):
    monkeypatch.setattr(gate, "MOST_OBJECTS", 10)
    async with start() as (_, stub):
        call = stub.PredictBatch(PredictBatchRequest(instances=[GOOD] * 11))
        assert await outcome(call) == "RESOURCE_EXHAUSTED"
        assert await retry_seconds(call) == 1.0
        assert len((await stub.PredictBatch(PredictBatchRequest(instances=[GOOD] * 10))).predictions) == 10


async def test_client_beyond_its_rate_is_told_when_to_try_again(start):
    async with start(calls_per_second=0.5) as (_, stub):
        assert await outcome(stub.Predict(GOOD)) == "OK"
        call = stub.Predict(GOOD)
        assert await outcome(call) == "RESOURCE_EXHAUSTED"
        assert 0 < await retry_seconds(call) <= 2


async def test_stream_beyond_its_rate_is_slowed_down_and_answered(start):
    async with start(calls_per_second=50) as (_, stub):
        answers = [answer async for answer in stub.PredictStream(iter([GOOD] * 120))]
    assert all(answer.label for answer in answers)
    assert len(answers) == 120
