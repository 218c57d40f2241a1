"""``PredictStream``: order, bad elements, batches, back-pressure, and streams that break off."""

import asyncio

import grpc
import pytest

from stellar.schema import EXAMPLE
from stellar_grpc import streaming
from stellar_grpc.metrics import Metrics
from stellar_service.contract import SERVICE, StarFeatures, StarPrediction
from support.grpc_server import Stub
from support.stacks import until

GOOD = StarFeatures(**EXAMPLE)


def features(index: int) -> StarFeatures:
    """Object number ``index``: told apart by its identifier, which comes back; every 97th one is bad."""
    return StarFeatures(**EXAMPLE | {"obj_ID": index, "u": -9999.0 if index % 97 == 0 else 20.0})


async def write_all(call, messages):
    for message in messages:
        await call.write(message)
    await call.done_writing()


@pytest.fixture
def metrics():
    return Metrics()


def total(metrics: Metrics, name: str, **labels: str) -> float:
    return metrics.registry.get_sample_value(f"stellar_grpc_{name}", labels) or 0.0


async def test_ten_thousand_objects_are_answered_in_order_bad_ones_with_their_error(start, metrics):
    number = 10_000
    async with start(metrics=metrics) as (_, stub):
        call = stub.PredictStream()
        writing = asyncio.create_task(write_all(call, map(features, range(number))))
        answers = [answer async for answer in call]
        await writing
    assert len(answers) == number
    for index, answer in enumerate(answers):
        if index % 97 == 0:
            assert [violation.field for violation in answer.error.violations] == ["u"]
            assert not answer.label
        else:
            assert answer.obj_ID == str(index)
    assert total(metrics, "objects_total", outcome="refused") == len(range(0, number, 97))
    assert total(metrics, "batch_objects_count") < number / 2


async def test_bytes_that_are_no_message_are_answered_with_their_error_and_the_stream_goes_on(start):
    async with start() as (server, _), grpc.aio.insecure_channel(server.address) as channel:
        call = channel.stream_stream(
            f"/{SERVICE.full_name}/PredictStream", response_deserializer=StarPrediction.FromString
        )()
        await write_all(call, [b"\xff\xff\xff", features(1).SerializeToString()])
        answers = [answer async for answer in call]
    assert [bool(answer.error.message) for answer in answers] == [True, False]


async def test_answer_comes_before_the_stream_ends(start):
    async with start() as (_, stub):
        call = stub.PredictStream()
        for _ in range(3):
            await call.write(GOOD)
            assert (await call.read()).label
        await call.done_writing()
        assert await call.read() is grpc.aio.EOF
        assert await call.code() is grpc.StatusCode.OK


async def test_client_that_does_not_read_is_not_read_from(start, monkeypatch, metrics):
    monkeypatch.setattr(streaming, "WINDOW", 16)
    number = 5000
    # A client whose window does not grow: its first 64 KiB hold some hundreds of answers.
    options = [("grpc.http2.bdp_probe", 0)]
    async with start(metrics=metrics) as (server, _), grpc.aio.insecure_channel(server.address, options) as channel:
        call = Stub(channel).PredictStream()
        written = 0

        async def flood():
            nonlocal written
            for _ in range(number):
                await call.write(GOOD)
                written += 1
            await call.done_writing()

        flooding = asyncio.create_task(flood())
        await until(lambda: written == number)  # the messages wait in the connection's own buffers
        assert 0 < total(metrics, "objects_total", outcome="classified") < number / 2
        received = 0
        async for answer in call:
            assert answer.label
            received += 1
        await flooding
        assert received == number


async def test_stream_that_the_client_cancels_is_forgotten(start, metrics):
    async with start(metrics=metrics) as (_, stub):
        call = stub.PredictStream()
        await call.write(GOOD)
        assert (await call.read()).label
        assert total(metrics, "streams") == 1
        call.cancel()
        # The gauge falls before the call is counted.
        await until(lambda: total(metrics, "calls_total", method="PredictStream", code="CANCELLED") == 1)
        assert total(metrics, "streams") == 0


async def test_streams_share_model_calls(start, metrics):
    async with start(metrics=metrics) as (_, stub):
        calls = [stub.PredictStream() for _ in range(16)]

        async def talk(call):
            for _ in range(20):
                await call.write(GOOD)
                await call.read()
            await call.done_writing()

        await asyncio.gather(*map(talk, calls))
    objects = total(metrics, "objects_total", outcome="classified")
    assert objects == 320
    assert total(metrics, "batch_objects_count") < objects / 2


async def test_failure_ends_the_stream_with_internal(start, store, monkeypatch):
    async with start() as (_, stub):
        monkeypatch.setattr(type(store.classifier), "_run", lambda *_: 1 / 0)
        call = stub.PredictStream()
        await call.write(GOOD)
        assert await call.code() is grpc.StatusCode.INTERNAL


async def test_endless_stream_is_told_to_go_on_elsewhere_when_the_grace_is_over(start):
    async with start(grace_seconds=0.2) as (server, stub):
        call = stub.PredictStream()
        await call.write(GOOD)
        assert (await call.read()).label
        stopping = asyncio.create_task(server.stop())
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await call.read()
        assert caught.value.code() is grpc.StatusCode.UNAVAILABLE
        assert "shutting down" in caught.value.details()
        await stopping
