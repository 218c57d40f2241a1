"""In CI, a test that is skipped for want of a program fails the run; elsewhere it does not."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

CONFTEST = Path(__file__).parents[1] / "conftest.py"


@pytest.mark.parametrize(
    ("variables", "reason", "status"),
    [
        ({}, "no Chromium is on the PATH", 0),
        ({"CI": "true"}, "no Chromium is on the PATH", 1),
        ({"CI": "true"}, "no Docker engine: start one", 0),
    ],
)
def test_an_unexpected_skip_fails_in_ci_alone(
    variables: dict[str, str], reason: str, status: int, tmp_path: Path
) -> None:
    (tmp_path / "conftest.py").write_text(CONFTEST.read_text())
    (tmp_path / "test_it.py").write_text(f"import pytest\n\ndef test_it():\n    pytest.skip({reason!r})\n")
    environment = {name: text for name, text in os.environ.items() if name != "CI"} | variables
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--rootdir={tmp_path}", tmp_path]
    done = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == status, done.stdout
    assert ("which CI does not expect" in done.stdout) == bool(status)
