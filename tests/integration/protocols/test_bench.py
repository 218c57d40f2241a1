"""``stellar bench`` against a running stack: every protocol is measured, and the reports hold what was measured."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from support.up import Up

STELLAR = str(Path(sys.executable).with_name("stellar"))
SERVICES = ["REST", "GraphQL", "gRPC unary", "gRPC stream", "Kafka"]

pytestmark = pytest.mark.xdist_group("up")


def run(up: Up, *arguments: str) -> subprocess.CompletedProcess[str]:
    addresses = ["--http", up.url(), "--grpc", f"127.0.0.1:{up.ports['grpc']}"]
    addresses += ["--kafka", f"127.0.0.1:{up.ports['kafka']}"]
    command = [STELLAR, "bench", *addresses, "--requests", "40", "--warmup", "5", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=100, check=False)


@pytest.mark.parametrize("load", [["--concurrency", "4"], ["--batch", "10"], ["--rate", "100"]], ids=" ".join)
def test_every_protocol_is_measured(up: Up, tmp_path: Path, load: list[str]) -> None:
    target, page = tmp_path / "report.json", tmp_path / "report.html"
    done = run(up, *load, "--json", str(target), "--html", str(page))
    assert done.returncode == 0, done.stderr
    results = json.loads(target.read_text())["results"]
    assert [result["service"] for result in results] == SERVICES
    assert {result["success_rate"] for result in results} == {1.0}
    for service in SERVICES:
        assert service in done.stdout
        assert service in page.read_text()


def test_probe_prints_the_class_that_each_protocol_gives(up: Up) -> None:
    """Found by the variables that `stellar up` takes too."""
    variables = {f"STELLAR_{name.upper()}_PORT": str(number) for name, number in up.ports.items()}
    command = [STELLAR, "probe"]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=100, check=False, env={**os.environ, **variables}
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert [(line[:12].strip(), line[12:].split()[0]) for line in done.stdout.splitlines()] == [
        (service, "GALAXY") for service in SERVICES
    ]


def test_probe_finds_the_stack_by_its_http_port_alone(up: Up) -> None:
    command = [STELLAR, "--stack", str(up.ports["http"]), "probe", "--only", "kafka", "--only", "grpc"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=100, check=False)
    assert done.stdout.count("GALAXY") == 2, done.stdout + done.stderr


def test_what_does_not_answer_is_told_in_a_line_and_the_rest_is_measured(up: Up) -> None:
    done = run(up, "--only", "rest", "--only", "grpc", "--grpc", "127.0.0.1:9")
    assert done.returncode == 1
    assert done.stderr.strip().splitlines()[-1] == "gRPC unary: no answer at 127.0.0.1:9"
    assert "REST" in done.stdout
