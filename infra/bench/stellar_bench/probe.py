"""One object over one protocol: which class the answer gives it, or why there is no answer."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from time import perf_counter
from typing import Any
from urllib.parse import urlsplit

import grpc
import orjson
from confluent_kafka import KafkaException

from stellar.schema import FIELDS
from stellar_bench.access import REFUSED
from stellar_bench.clients.base import Row, UnexpectedAnswerError
from stellar_bench.clients.grpc import Api
from stellar_bench.clients.kafka import Exchange
from stellar_bench.http_client import Connection, prepare
from stellar_bench.protocols import SERVICES, Addresses

SECONDS = 10.0
"""How long an answer may take: a function may have to start first."""

_MUTATION = "mutation($x: StarClassificationInput!) { predict(features: $x) { label modelVariant modelVersion } }"


@dataclass(frozen=True, slots=True)
class Answer:
    """What one protocol says of the object."""

    label: str
    variant: str
    version: str
    milliseconds: float


class NoAnswerError(Exception):
    """A protocol gave no class. The text says what it gave."""


async def ask(name: str, addresses: Addresses, row: Row) -> Answer:
    """Classify ``row`` over the protocol of ``SERVICES`` with that name. Raises NoAnswerError."""
    address = SERVICES[name].address(addresses)
    try:
        async with asyncio.timeout(SECONDS):
            await _reach(address)
            took, content = await _CALLS[name](addresses, row)
    except TimeoutError:
        raise NoAnswerError(f"no answer from {address} within {SECONDS:.0f} s") from None
    except grpc.RpcError as error:
        refused = error.code() in (grpc.StatusCode.UNAUTHENTICATED, grpc.StatusCode.PERMISSION_DENIED)
        detail = REFUSED if refused else error.details()
        raise NoAnswerError(f"{address} answers {error.code().name}: {detail}") from None
    except (OSError, KafkaException) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise NoAnswerError(f"no answer at {address} ({reason})") from None
    except UnexpectedAnswerError as error:
        raise NoAnswerError(f"{address} answers {error}") from None
    return Answer(content["label"], content["model_variant"], content["model_version"], took * 1e3)


async def _reach(address: str) -> None:
    """Raises OSError where nobody listens, which clients of gRPC and Kafka find out after many seconds only."""
    parts = urlsplit(address if "://" in address else f"//{address.partition(',')[0]}")
    _, writer = await asyncio.open_connection(parts.hostname, parts.port or 80)
    writer.close()


Timed = tuple[float, Mapping[str, Any]]


async def _timed(call: Callable[[], Awaitable[Mapping[str, Any]]]) -> Timed:
    await call()  # the first connects, and may start a function
    began = perf_counter()
    content = await call()
    return perf_counter() - began, content


async def _http(url: str, content: object, token: str | None) -> Timed:
    parts = urlsplit(url)
    connection = await Connection.open(parts.hostname or "127.0.0.1", parts.port or 80)
    request = prepare("POST", url, orjson.dumps(content), token=token)

    async def call() -> Mapping[str, Any]:
        response = await connection.send(request)
        if response.status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
            raise UnexpectedAnswerError(f"{response.status}: {REFUSED}")
        try:
            found: Any = orjson.loads(response.body)
        except orjson.JSONDecodeError:
            found = None
        if response.status != 200 or not isinstance(found, dict):
            detail = found.get("detail") or found.get("message") if isinstance(found, dict) else None
            raise UnexpectedAnswerError(f"{response.status} {detail or response.body[:200].decode(errors='replace')}")
        return found

    try:
        return await _timed(call)
    finally:
        connection.close()


async def _rest(addresses: Addresses, row: Row) -> Timed:
    return await _http(f"{addresses.http}/predict", {"features": row}, addresses.token)


async def _graphql(addresses: Addresses, row: Row) -> Timed:
    features = {field.graphql_name: row[field.name] for field in FIELDS if field.name in row}
    request = {"query": _MUTATION, "variables": {"x": features}}
    took, content = await _http(f"{addresses.http}/graphql", request, addresses.token)
    if content.get("errors"):
        raise UnexpectedAnswerError(content["errors"][0]["message"])
    found = content["data"]["predict"]
    return took, {
        "label": found["label"],
        "model_variant": found["modelVariant"],
        "model_version": found["modelVersion"],
    }


async def _grpc_unary(addresses: Addresses, row: Row) -> Timed:
    api = await asyncio.to_thread(Api, addresses.grpc, addresses.token)
    path, serialize, parse = api.codecs("Predict")
    async with grpc.aio.insecure_channel(addresses.grpc) as channel:
        predict = channel.unary_unary(path, request_serializer=serialize, response_deserializer=parse)

        async def call() -> Mapping[str, Any]:
            return _message(await predict(api.features_of(row), metadata=api.metadata))

        return await _timed(call)


async def _grpc_stream(addresses: Addresses, row: Row) -> Timed:
    api = await asyncio.to_thread(Api, addresses.grpc, addresses.token)
    path, serialize, parse = api.codecs("PredictStream")
    async with grpc.aio.insecure_channel(addresses.grpc) as channel:
        stream = channel.stream_stream(path, request_serializer=serialize, response_deserializer=parse)(
            metadata=api.metadata
        )

        async def call() -> Mapping[str, Any]:
            await stream.write(api.features_of(row))
            return _message(await stream.read())

        try:
            return await _timed(call)
        finally:
            with suppress(grpc.aio.AioRpcError):  # the call has ended already
                await stream.done_writing()


def _message(answer: Any) -> Mapping[str, Any]:
    if answer is grpc.aio.EOF or not answer.label:
        raise UnexpectedAnswerError(str(answer) or "with the end of the stream")
    return {"label": answer.label, "model_variant": answer.model_variant, "model_version": answer.model_version}


async def _kafka(addresses: Addresses, row: Row) -> Timed:
    exchange = await asyncio.to_thread(Exchange, addresses.kafka, asyncio.get_running_loop())
    value = orjson.dumps(row)
    names = iter(("first", "second"))

    async def call() -> Mapping[str, Any]:
        return await exchange.send(next(names), value)

    try:
        return await _timed(call)
    finally:
        await asyncio.to_thread(exchange.close)


_CALLS: dict[str, Callable[[Addresses, Row], Awaitable[Timed]]] = {
    "rest": _rest,
    "graphql": _graphql,
    "grpc": _grpc_unary,
    "grpc-stream": _grpc_stream,
    "kafka": _kafka,
}
