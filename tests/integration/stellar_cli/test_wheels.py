"""All wheels, installed into a fresh environment outside of any checkout: `stellar up` in an empty folder."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from support.up import Up
from support.wheels import build, install


@pytest.mark.timeout(900)
def test_installed_from_its_wheels_all_four_protocols_answer(tmp_path: Path) -> None:
    programs = install(tmp_path / "venv", Path(sys.executable), *build(tmp_path / "wheels"))
    folder = tmp_path / "empty"
    folder.mkdir()
    # what the checkout's environment would lend
    variables = {name: "" for name in ("VIRTUAL_ENV", "PYTHONPATH") if name in os.environ}
    with Up(environment=variables, program=programs / "stellar", folder=folder) as up:
        command = [str(programs / "stellar"), "probe", "--http", up.url(), "--grpc", f"127.0.0.1:{up.ports['grpc']}"]
        command += ["--kafka", f"127.0.0.1:{up.ports['kafka']}"]
        probe = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        assert probe.returncode == 0, probe.stdout + probe.stderr
        for service in ("REST", "GraphQL", "gRPC unary", "gRPC stream", "Kafka"):
            assert f"{service.ljust(12)} GALAXY" in probe.stdout
        assert up.end(signal.SIGINT) == 0
    assert not list(folder.iterdir())
