"""Servers inside the test's own event loop, on real sockets, with a small model."""

from contextlib import asynccontextmanager

import grpc
import pytest

from stellar.settings import Settings as ModelSettings
from stellar.store import ModelStore
from stellar_grpc.server import Server
from stellar_grpc.settings import Settings
from support import artefact
from support.grpc_server import Stub


@pytest.fixture(scope="session")
def store(tmp_path_factory):
    return ModelStore(ModelSettings(default_dir=artefact.write(tmp_path_factory.mktemp("model") / "default")))


@pytest.fixture
def start(store):
    """Starts servers, as in ``async with start(max_message_mb=1) as (server, stub)``."""

    @asynccontextmanager
    async def _start(store=store, metrics=None, **settings):
        async with (
            Server(Settings(port=0, **settings), store, metrics) as server,
            grpc.aio.insecure_channel(server.address) as channel,
        ):
            yield server, Stub(channel)

    return _start


@pytest.fixture
async def stub(start):
    async with start() as (_, stub):
        yield stub
