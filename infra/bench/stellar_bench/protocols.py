"""All protocols of one running stack, measured one after another with the same objects."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, AsyncExitStack, contextmanager
from dataclasses import dataclass
from typing import NamedTuple

import grpc
from confluent_kafka import KafkaException

from stellar.schema import FIELDS
from stellar_bench.clients import grpc as grpc_client
from stellar_bench.clients import http as http_client
from stellar_bench.clients import kafka as kafka_client
from stellar_bench.clients.base import UnexpectedAnswerError, Workload
from stellar_bench.latency import summarise
from stellar_bench.load import Opener, Progress, ServiceGoneError, closed_loop, open_loop
from stellar_bench.processes import Meter, listener
from stellar_bench.report import Result
from stellar_service import ports


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the stack listens, and the access token for it, if it asks for one."""

    http: str = ports.url(ports.HTTP)
    grpc: str = ports.address(ports.GRPC)
    kafka: str = ports.address(ports.KAFKA)
    token: str | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """How much load to put on. ``rate`` (requests a second) makes it an open loop."""

    requests: int = 2000
    concurrency: int = 8
    warmup: int = 200
    rate: float | None = None


@contextmanager
def _rest(addresses: Addresses, workload: Workload) -> Iterator[Opener]:
    yield http_client.rest(addresses.http, workload, token=addresses.token)


@contextmanager
def _graphql(addresses: Addresses, workload: Workload) -> Iterator[Opener]:
    names = {field.name: field.graphql_name for field in FIELDS}
    yield http_client.graphql(addresses.http, workload, names, token=addresses.token)


@contextmanager
def _grpc_unary(addresses: Addresses, workload: Workload) -> Iterator[Opener]:
    yield grpc_client.unary(grpc_client.Api(addresses.grpc, addresses.token), workload)


@contextmanager
def _grpc_stream(addresses: Addresses, workload: Workload) -> Iterator[Opener]:
    yield grpc_client.stream(grpc_client.Api(addresses.grpc, addresses.token), workload)


@contextmanager
def _kafka(addresses: Addresses, workload: Workload) -> Iterator[Opener]:
    exchange = kafka_client.Exchange(addresses.kafka)
    try:
        yield kafka_client.kafka(exchange, workload)
    finally:
        exchange.close()


class Service(NamedTuple):
    """A protocol under measurement: its name in the table, its client, and the address whose process is metered."""

    title: str
    client: Callable[[Addresses, Workload], AbstractContextManager[Opener]]
    address: Callable[[Addresses], str]


SERVICES = {
    "rest": Service("REST", _rest, lambda addresses: addresses.http),
    "graphql": Service("GraphQL", _graphql, lambda addresses: addresses.http),
    "grpc": Service("gRPC unary", _grpc_unary, lambda addresses: addresses.grpc),
    "grpc-stream": Service("gRPC stream", _grpc_stream, lambda addresses: addresses.grpc),
    "kafka": Service("Kafka", _kafka, lambda addresses: addresses.kafka),
}

FAILURES = (OSError, grpc.RpcError, KafkaException, ServiceGoneError, UnexpectedAnswerError)


async def measure(name: str, addresses: Addresses, workload: Workload, plan: Plan, progress: Progress) -> Result:
    """One protocol: one checked request, the warm-up, then the measured load.

    A service that is not there, or answers the first request wrongly, gives a Result with ``error``.
    """
    service = SERVICES[name]
    try:
        with service.client(addresses, workload) as opener:
            await _check(opener)
            await closed_loop(opener, plan.warmup, plan.concurrency)
            process = listener(int(service.address(addresses).rsplit(":", 1)[1]))
            async with AsyncExitStack() as stack:
                meter = await stack.enter_async_context(Meter(process)) if process else None
                if plan.rate is None:
                    summary = await closed_loop(opener, plan.requests, plan.concurrency, progress)
                else:
                    summary = await open_loop(opener, plan.requests, plan.rate, plan.concurrency, progress)
    except FAILURES as error:
        return Result(
            service.title, summarise([], 0, 0.0), workload.batch, error=_told(error, service.address(addresses))
        )
    return Result(service.title, summary, workload.batch, usage=meter.usage if meter else None)


def _told(error: Exception, address: str) -> str:
    """What went wrong, in a line."""
    if isinstance(error, ServiceGoneError | UnexpectedAnswerError):
        return str(error)
    reason = error.strerror if isinstance(error, OSError) else None
    return f"no answer at {address}" + (f" ({reason})" if reason else "")


async def _check(opener: Opener) -> None:
    session = await opener()
    try:
        if not await session.call(0):
            raise UnexpectedAnswerError("the first answer was no prediction: `stellar probe` shows it")
    finally:
        await session.close()
