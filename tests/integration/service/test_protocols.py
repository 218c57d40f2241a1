"""Probes against real servers of each protocol, and against what is none."""

import asyncio
import socket
import threading
from contextlib import asynccontextmanager, closing
from http.server import BaseHTTPRequestHandler, HTTPServer

import grpc
import pytest

from stellar_local_stack.kafka.embedded import EmbeddedBroker
from stellar_service import probes
from stellar_service.protocols import survey

NOBODY = "127.0.0.1:9"


@asynccontextmanager
async def grpc_server():
    server = grpc.aio.server()
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    try:
        yield f"127.0.0.1:{port}"
    finally:
        await server.stop(None)


class Api(BaseHTTPRequestHandler):
    """Answers as an API with REST at / and GraphQL at /graphql does; /asks wants a token, and 404 is elsewhere."""

    def do_GET(self):
        known = self.path in ("/", "/graphql?query=%7B__typename%7D")
        body = b'{"data":{"__typename":"Query"}}' if known else b""
        self.send_response(401 if self.path.startswith("/asks") else 200 if known else 404)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def api():
    with HTTPServer(("127.0.0.1", 0), Api) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def kafka():
    with EmbeddedBroker() as broker:
        yield broker.bootstrap_servers


async def test_each_protocol_is_recognised_by_its_own_probe_alone(api, kafka):
    async with grpc_server() as grpc_address:
        assert await probes.grpc_answers(grpc_address)
        assert await probes.kafka_answers(f"{NOBODY},{kafka}")
        assert await probes.graphql_answers(f"{api}/graphql")
        assert not await probes.kafka_answers(grpc_address)
        assert not await probes.graphql_answers(f"http://{grpc_address}/graphql")
        assert not await probes.grpc_answers(api.removeprefix("http://"))


async def test_graphql_that_is_not_there_is_down_though_its_api_answers(api):
    assert not await probes.graphql_answers(f"{api}/other")


@pytest.mark.parametrize("address", [NOBODY, "", "no.such.host.invalid:1", "::::", "host:99999", "localhost:port"])
async def test_nobody_and_nonsense_are_down(address):
    assert not await probes.grpc_answers(address)
    assert not await probes.kafka_answers(address)
    assert not await probes.graphql_answers(f"http://{address}/graphql")


async def test_server_that_never_answers_costs_the_time_limit_once(monkeypatch):
    monkeypatch.setattr(probes, "TIME_LIMIT_SECONDS", 0.05)
    with closing(socket.create_server(("127.0.0.1", 0))) as silent:
        address = f"127.0.0.1:{silent.getsockname()[1]}"
        async with asyncio.timeout(10):
            assert not await probes.kafka_answers(f"{address},{address}")
            assert not await probes.grpc_answers(address)


async def test_an_api_that_asks_for_a_token_is_there(api):
    assert await probes.rest_answers(f"{api}/asks")
    assert await probes.graphql_answers(f"{api}/asks/graphql")
    assert not await probes.rest_answers(f"{api}/other")


@pytest.mark.parametrize("answering", ["REST", "GraphQL"])
async def test_whoever_is_asked_the_verdict_is_the_same(answering, api, kafka, monkeypatch):
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", kafka)
    monkeypatch.setenv("GRPC_ADDRESS", api.removeprefix("http://"))  # takes connections, and speaks no gRPC
    monkeypatch.delenv("GRAPHQL_URL", raising=False)
    found = await survey(api, answering)
    assert found[0].protocol == answering
    assert {each.protocol: (each.address, each.state) for each in found} == {
        "REST": (api, "up"),
        "GraphQL": (f"{api}/graphql", "up"),
        "gRPC": (api.removeprefix("http://"), "down"),
        "Kafka": (kafka, "up"),
    }
    assert all(each.call for each in found)


@pytest.mark.parametrize(("answering", "other"), [("REST", "GraphQL"), ("GraphQL", "REST")])
async def test_address_that_is_not_given_is_not_configured(answering, other, monkeypatch):
    for name in ("KAFKA_BOOTSTRAP_SERVERS", "GRPC_ADDRESS", "GRAPHQL_URL"):
        monkeypatch.setenv(name, "")
    found = {each.protocol: each.state for each in await survey(f"http://{NOBODY}", answering)}
    assert found == {answering: "up", other: "down", "gRPC": "not configured", "Kafka": "not configured"}
