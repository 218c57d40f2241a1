"""Standard health and reflection: what generic clients, grpcurl and load balancers rely on."""

import asyncio

import grpc
import pytest
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message_factory import GetMessageClass
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase

from stellar.schema import EXAMPLE
from stellar_service import contract

SERVING = health_pb2.HealthCheckResponse.SERVING
NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING


async def test_health_knows_the_server_and_the_service(start):
    async with start() as (server, _), grpc.aio.insecure_channel(server.address) as channel:
        health = health_pb2_grpc.HealthStub(channel)
        for name in ("", contract.SERVICE.full_name):
            assert (await health.Check(health_pb2.HealthCheckRequest(service=name))).status == SERVING
        assert set((await health.List(health_pb2.HealthListRequest())).statuses) == {"", contract.SERVICE.full_name}
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await health.Check(health_pb2.HealthCheckRequest(service="unknown"))
        assert caught.value.code() is grpc.StatusCode.NOT_FOUND


async def test_watcher_is_told_of_the_drain_and_does_not_hold_it_up(start):
    # The synchronous client: that of grpc.aio loses a message that it reads at once with the stream's end.
    async with start(grace_seconds=60) as (server, _):
        with grpc.insecure_channel(server.address) as channel:
            watch = health_pb2_grpc.HealthStub(channel).Watch(health_pb2.HealthCheckRequest(), timeout=120)
            assert (await asyncio.to_thread(next, watch)).status == SERVING
            stopping = asyncio.create_task(server.stop())
            assert (await asyncio.to_thread(next, watch)).status == NOT_SERVING
            await asyncio.wait_for(stopping, 30)
            assert await asyncio.to_thread(list, watch) == []


async def test_reflection_is_all_that_a_client_needs(start):
    def classify(address):
        with grpc.insecure_channel(address) as channel:
            database = ProtoReflectionDescriptorDatabase(channel)
            assert set(database.get_services()) >= {contract.SERVICE.full_name, "grpc.health.v1.Health"}
            service = DescriptorPool(database).FindServiceByName(contract.SERVICE.full_name)
            method = service.methods_by_name["Predict"]
            features, prediction = GetMessageClass(method.input_type), GetMessageClass(method.output_type)
            call = channel.unary_unary(
                f"/{service.full_name}/{method.name}",
                request_serializer=features.SerializeToString,
                response_deserializer=prediction.FromString,
            )
            return call(features(**EXAMPLE), timeout=10).label

    async with start() as (server, _):
        assert await asyncio.to_thread(classify, server.address) in {"GALAXY", "QSO", "STAR"}
