"""Probes against real servers of each protocol, and against what is none."""

import asyncio
import socket
import threading
from contextlib import asynccontextmanager, closing
from http.server import BaseHTTPRequestHandler, HTTPServer

import grpc
import pytest

from stellar_local_stack.kafka.embedded import EmbeddedBroker
from support.functions import load_function

NOBODY = "127.0.0.1:9"


@pytest.fixture(scope="module")
def rest():
    """The modules of the function, by their flat names."""
    import sys

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("POWERTOOLS_TRACE_DISABLED", "true")
        with load_function("rest"):
            yield sys.modules


@pytest.fixture
def probes(rest):
    return rest["probes"]


@asynccontextmanager
async def grpc_server():
    server = grpc.aio.server()
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    try:
        yield f"127.0.0.1:{port}"
    finally:
        await server.stop(None)


class GraphQL(BaseHTTPRequestHandler):
    """Answers as a GraphQL endpoint at /graphql does, with 404 elsewhere."""

    def do_GET(self):
        found = self.path == "/graphql?query=%7B__typename%7D"
        body = b'{"data":{"__typename":"Query"}}' if found else b""
        self.send_response(200 if found else 404)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def graphql():
    with HTTPServer(("127.0.0.1", 0), GraphQL) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def kafka():
    with EmbeddedBroker() as broker:
        yield broker.bootstrap_servers


async def test_each_protocol_is_recognised_by_its_own_probe_alone(probes, graphql, kafka):
    async with grpc_server() as grpc_address:
        assert await probes.grpc_answers(grpc_address)
        assert await probes.kafka_answers(f"{NOBODY},{kafka}")
        assert await probes.graphql_answers(f"{graphql}/graphql")
        assert not await probes.kafka_answers(grpc_address)
        assert not await probes.graphql_answers(f"http://{grpc_address}/graphql")
        assert not await probes.grpc_answers(graphql.removeprefix("http://"))


async def test_graphql_that_is_not_there_is_down_though_its_api_answers(probes, graphql):
    assert not await probes.graphql_answers(f"{graphql}/other")


@pytest.mark.parametrize("address", [NOBODY, "", "no.such.host.invalid:1", "::::", "host:99999", "localhost:port"])
async def test_nobody_and_nonsense_are_down(probes, address):
    assert not await probes.grpc_answers(address)
    assert not await probes.kafka_answers(address)
    assert not await probes.graphql_answers(f"http://{address}/graphql")


async def test_server_that_never_answers_costs_the_time_limit_once(probes, monkeypatch):
    monkeypatch.setattr(probes, "TIME_LIMIT_SECONDS", 0.05)
    with closing(socket.create_server(("127.0.0.1", 0))) as silent:
        address = f"127.0.0.1:{silent.getsockname()[1]}"
        async with asyncio.timeout(10):
            assert not await probes.kafka_answers(f"{address},{address}")
            assert not await probes.grpc_answers(address)


async def test_survey_tells_address_and_state_of_every_protocol(rest, graphql, kafka, monkeypatch):
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", kafka)
    monkeypatch.setenv("GRPC_ADDRESS", NOBODY)
    monkeypatch.delenv("GRAPHQL_URL", raising=False)
    found = {service["protocol"]: service for service in await rest["services"].survey(graphql)}
    assert {name: (service["address"], service["state"]) for name, service in found.items()} == {
        "REST": (graphql, "up"),
        "GraphQL": (f"{graphql}/graphql", "up"),
        "gRPC": (NOBODY, "down"),
        "Kafka": (kafka, "up"),
    }
    assert all(service["call"] for service in found.values())


async def test_address_that_is_not_given_is_not_configured(rest, monkeypatch):
    for name in ("KAFKA_BOOTSTRAP_SERVERS", "GRPC_ADDRESS", "GRAPHQL_URL"):
        monkeypatch.setenv(name, "")
    found = {service["protocol"]: service["state"] for service in await rest["services"].survey(f"http://{NOBODY}")}
    assert found == {"REST": "up", "GraphQL": "down", "gRPC": "not configured", "Kafka": "not configured"}
