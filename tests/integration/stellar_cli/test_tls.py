"""Servers with the certificates of `stellar tls`, as its instructions say."""

from __future__ import annotations

import re
import shlex
import ssl
import subprocess
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import grpc
import pytest

from stellar_local_stack.tls.authority import LocalAuthority
from stellar_service.contract import HealthCheckRequest
from support.grpc_server import Stub
from support.page import page_server
from support.up import STELLAR


@pytest.fixture(scope="module")
def instructions(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, LocalAuthority]:
    folder = tmp_path_factory.mktemp("state") / "tls"
    done = subprocess.run([STELLAR, "tls", "--folder", folder], capture_output=True, text=True, check=True)
    return done.stdout, LocalAuthority(folder)


def arguments(instructions: str, command: str, mark: str = "") -> list[str]:
    """What the instructions show after the command."""
    [line] = [line for line in instructions.splitlines() if line.strip().startswith(command) and line.endswith(mark)]
    return shlex.split(line, comments=True)[len(command.split()) :]


def test_page_by_tls(instructions: tuple[str, LocalAuthority], tmp_path: Path) -> None:
    text, authority = instructions
    trusting = ssl.create_default_context(cafile=str(authority.own.certificate))
    options = arguments(text, "stellar page")
    with page_server(*options, "--folder", tmp_path, "--bootstrap-servers", "127.0.0.1:9") as page:
        assert page.url.startswith("https://")
        with urllib.request.urlopen(f"{page.url}/config.json", context=trusting, timeout=30) as answer:
            assert answer.status == 200
            assert "strict-transport-security" not in answer.headers  # it would hold for all of localhost's ports


@contextmanager
def grpc_server(*options: str) -> Iterator[str]:
    """`stellar grpc` on a free port: its address."""
    command = [str(STELLAR), "grpc", "--port", "0", *options]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stderr is not None
            for line in process.stderr:
                if found := re.search(r"127\.0\.0\.1:(\d+)", line):
                    yield f"localhost:{found[1]}"
                    break
        finally:
            process.terminate()


def test_grpc_by_mutual_tls(instructions: tuple[str, LocalAuthority]) -> None:
    text, authority = instructions
    trusted, own = authority.own.certificate.read_bytes(), authority.client()
    with grpc_server(*arguments(text, "stellar grpc", "# mutual TLS")) as address:
        known = grpc.ssl_channel_credentials(trusted, own.key.read_bytes(), own.certificate.read_bytes())
        with grpc.secure_channel(address, known) as channel:
            assert Stub(channel).HealthCheck(HealthCheckRequest(), timeout=60)
        with grpc.secure_channel(address, grpc.ssl_channel_credentials(trusted)) as channel:
            with pytest.raises(grpc.RpcError) as refused:
                Stub(channel).HealthCheck(HealthCheckRequest(), timeout=60)
            assert refused.value.code() is grpc.StatusCode.UNAVAILABLE
