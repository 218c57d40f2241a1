"""``stellar bench peers`` as a user runs it, with the peers that need no environment of their own."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

STELLAR = str(Path(sys.executable).with_name("stellar"))


@pytest.mark.timeout(180)
def test_peers_are_measured_in_one_run_and_compared_with_ours() -> None:
    command = [STELLAR, "bench", "peers", "--peer", "onnx", "--peer", "uvicorn", "--rounds", "1", "--requests", "30"]
    done = subprocess.run([*command, "--json"], capture_output=True, text=True, timeout=150, check=False)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["absent"] == {}
    lines = {line["name"]: line for line in found["lines"]}
    assert lines.keys() == {"REST", "gRPC", "no server, the layer alone", "same app, bare uvicorn"}
    assert {line["success_rate"] for line in lines.values()} == {1.0}
    for line in lines.values():
        assert line["ratio"] == pytest.approx(line["p50_ms"] / lines[line["against"]]["p50_ms"])


def test_an_unknown_peer_is_named_with_those_that_there_are() -> None:
    done = subprocess.run([STELLAR, "bench", "peers", "--peer", "triton"], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "triton" in done.stderr
    assert "mlserver" in done.stderr
