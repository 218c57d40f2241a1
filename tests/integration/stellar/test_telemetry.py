"""Loading a model leaves no file of ONNX Runtime's telemetry behind and asks the network for nothing."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

LOAD = """
from stellar.classifier import Classifier
from stellar.onnx_runtime import ort
from stellar.settings import DEFAULT_MODEL_DIR
ort.InferenceSession(DEFAULT_MODEL_DIR / "model.onnx", providers=["CPUExecutionProvider"]).run
"""


def load(folder: Path, *before: str) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "ORT_DISABLE_TELEMETRY"}
    subprocess.run(
        [*before, sys.executable, "-c", LOAD], env={**environment, "TMPDIR": str(folder)}, check=True, timeout=120
    )


def test_no_file_is_left(tmp_path: Path) -> None:
    load(tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not shutil.which("strace"), reason="strace is not installed")
def test_no_socket_is_opened(tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    folder = tmp_path / "temporary"
    folder.mkdir()
    load(folder, "strace", "-f", "-e", "trace=socket,connect,sendto", "-o", str(trace))
    assert [line for line in trace.read_text().splitlines() if "AF_INET" in line] == []
