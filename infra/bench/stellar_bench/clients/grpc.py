"""gRPC unary, batch and stream. The messages come from the server's own reflection, so no stub is needed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

import grpc
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message_factory import GetMessageClass
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase

from stellar_bench.access import REFUSED
from stellar_bench.clients.base import LABELS, Row, UnexpectedAnswerError, Workload
from stellar_bench.load import Opener, Session

SERVICE = "StarClassificationService"
Metadata = tuple[tuple[str, str], ...]


class Api:
    """The service's message classes and full method names, read from a running server; ``token`` goes with calls."""

    def __init__(self, address: str, token: str | None = None) -> None:
        self.address = address
        self.metadata = (("authorization", f"Bearer {token}"),) if token else None
        with grpc.insecure_channel(address) as channel:
            database = ProtoReflectionDescriptorDatabase(channel)
            full_name = next(name for name in database.get_services() if name.endswith(SERVICE))
            service = DescriptorPool(database).FindServiceByName(full_name)
        self._methods = service.methods_by_name
        self._path = f"/{full_name}/"
        self.features = GetMessageClass(self._methods["Predict"].input_type)

    def features_of(self, row: Row) -> Any:
        """A row as the service's ``StarFeatures`` message."""
        return self.features(**{name: value for name, value in row.items() if value is not None})

    def codecs(self, method: str) -> tuple[str, Any, Any]:
        """The path of a method, how its requests are written and how its answers are read."""
        descriptor = self._methods[method]
        request, response = GetMessageClass(descriptor.input_type), GetMessageClass(descriptor.output_type)
        return self._path + method, request.SerializeToString, response.FromString


class _Unary:
    """One channel; one call a request."""

    def __init__(self, channel: Any, call: Any, requests: list[Any], right: Callable[[Any], bool]) -> None:
        self._channel = channel
        self._call = call
        self._requests = requests
        self._right = right

    async def call(self, index: int) -> bool:
        try:
            return self._right(await self._call(self._requests[index % len(self._requests)]))
        except grpc.aio.AioRpcError as error:
            _raise_if_refused(error)
            return False

    async def close(self) -> None:
        await self._channel.close()


class _Stream:
    """One channel with one open stream; a request is ``batch`` messages written and as many read."""

    def __init__(self, channel: Any, stream: Any, requests: list[list[Any]]) -> None:
        self._channel = channel
        self._stream = stream
        self._requests = requests

    async def call(self, index: int) -> bool:
        messages = self._requests[index % len(self._requests)]
        writing = asyncio.create_task(self._write(messages))  # answers come while later objects are still on their way
        try:
            answers = [await self._stream.read() for _ in messages]
            await writing
        except grpc.aio.AioRpcError as error:
            writing.cancel()
            _raise_if_refused(error)
            raise
        return all(answer is not grpc.aio.EOF and answer.label in LABELS for answer in answers)

    async def _write(self, messages: list[Any]) -> None:
        for message in messages:
            await self._stream.write(message)

    async def close(self) -> None:
        with suppress(grpc.aio.AioRpcError):  # the call has ended already, and its caller knows how
            await self._stream.done_writing()
        await self._channel.close()


def _raise_if_refused(error: grpc.aio.AioRpcError) -> None:
    if error.code() in (grpc.StatusCode.UNAUTHENTICATED, grpc.StatusCode.PERMISSION_DENIED):
        raise UnexpectedAnswerError(REFUSED) from None


def calling(
    address: str,
    codecs: tuple[str, Any, Any],
    requests: list[Any],
    right: Callable[[Any], bool],
    metadata: Metadata | None = None,
) -> Opener:
    """Requests to one unary method, in turn; ``codecs`` as of ``Api.codecs``, ``right`` tells good answers from bad."""
    path, serialize, parse = codecs

    async def open_session() -> Session:
        channel = grpc.aio.insecure_channel(address)
        method = channel.unary_unary(path, request_serializer=serialize, response_deserializer=parse)
        call = partial(method, metadata=metadata)
        return _Unary(channel, call, requests, right)

    return open_session


def unary(api: Api, workload: Workload) -> Opener:
    """``Predict``, or ``PredictBatch`` where the workload has more than one object a request."""
    messages = [[api.features_of(row) for row in workload.request(index)] for index in range(workload.distinct)]
    if workload.batch == 1:
        requests = [message for (message,) in messages]
        return calling(
            api.address, api.codecs("Predict"), requests, lambda answer: answer.label in LABELS, api.metadata
        )
    batch_type = GetMessageClass(api._methods["PredictBatch"].input_type)
    requests = [batch_type(instances=batch) for batch in messages]
    whole = workload.batch
    return calling(
        api.address,
        api.codecs("PredictBatch"),
        requests,
        lambda answer: len(answer.predictions) == whole,
        api.metadata,
    )


def stream(api: Api, workload: Workload) -> Opener:
    """``PredictStream``, one stream a client."""
    path, serialize, parse = api.codecs("PredictStream")
    requests = [[api.features_of(row) for row in workload.request(index)] for index in range(workload.distinct)]

    async def open_session() -> Session:
        channel = grpc.aio.insecure_channel(api.address)
        call = channel.stream_stream(path, request_serializer=serialize, response_deserializer=parse)
        return _Stream(channel, call(metadata=api.metadata), requests)

    return open_session
