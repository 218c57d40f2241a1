"""The calls that the README shows, pasted into a shell while `stellar up` runs."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.up import Up

ROOT = Path(__file__).resolve().parents[3]
README = (ROOT / "README.md").read_text()
PORTS = {"http": 3000, "grpc": 50051, "kafka": 9092}
CALLS = {
    "REST": ("curl -s http://127.0.0.1:3000/predict ", '"str_output":"Galaxy"'),
    "GraphQL": ("curl -s http://127.0.0.1:3000/graphql ", '"label":"STAR"'),
    "gRPC": ("import grpc", "STAR"),
    "Kafka": ("import json\nfrom kafka", "Star"),
}

pytestmark = [pytest.mark.xdist_group("up"), pytest.mark.timeout(180)]


@pytest.fixture(scope="module")
def up() -> Iterator[Up]:
    with Up() as running:
        yield running


@pytest.mark.parametrize(("mark", "expected"), CALLS.values(), ids=CALLS)
def test_a_pasted_call_is_answered(up: Up, mark: str, expected: str) -> None:
    [call] = [block for block in re.findall(r"```console\n(.+?)```", README, re.DOTALL) if mark in block]
    for name, number in PORTS.items():
        call = call.replace(f"127.0.0.1:{number}", f"127.0.0.1:{up.ports[name]}")
    call = call.replace(".venv/bin/python", sys.executable)
    done = subprocess.run(["bash", "-c", call], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert expected in done.stdout.replace('": ', '":')
