"""``stellar train`` as a process."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from stellar.classifier import Classifier
from support.catalogues import synthetic_file


def _train(data: Path, out: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "stellar_cli", "train", "--quick", "--data", data, "--out", out, *options]
    return subprocess.run(command, capture_output=True, text=True, timeout=100, check=True)


def test_two_processes_make_the_same_model_and_it_is_served(tmp_path: Path) -> None:
    data = synthetic_file(tmp_path, 1200)
    printed = json.loads(_train(data, tmp_path / "one", "--seed", "5", "--json").stdout)
    tables = _train(data, tmp_path / "two", "--seed", "5").stdout
    one, two = ((tmp_path / name / "model.onnx").read_bytes() for name in ("one", "two"))
    assert one == two
    classifier = Classifier.load(tmp_path / "one")
    assert printed["version"] == classifier.version
    assert printed["data"]["source"] == data.name
    for text in ("1,200 rows read", "spectroscopic", "photometric", "macro-F1", "as QSO", "is in"):
        assert text in tables
