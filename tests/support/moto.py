"""A stand-in for AWS's services (moto's server) in this process, and an environment that leads to it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from moto.server import ThreadedMotoServer


@contextmanager
def moto_server(port: int = 0) -> Iterator[str]:
    """The address of a running one, on any free port if none is given."""
    server = ThreadedMotoServer("127.0.0.1", port=port, verbose=False)
    server.start()
    try:
        yield "http://{}:{}".format(*server.get_host_and_port())
    finally:
        server.stop()


def lead_to(endpoint: str, monkeypatch: pytest.MonkeyPatch, service: str = "") -> None:
    """Have boto3 find a service, or all of them, at that address, with keys that nobody checks."""
    monkeypatch.setenv(f"AWS_ENDPOINT_URL_{service}" if service else "AWS_ENDPOINT_URL", endpoint)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
