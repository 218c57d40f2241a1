"""The page's own checks: its types, its components' tests, and that what is generated is not stale."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

FRONTEND = Path(__file__).resolve().parents[2] / "frontend"


def npm(*arguments: str) -> None:
    done = subprocess.run(["npm", *arguments], cwd=FRONTEND, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.usefixtures("built")
@pytest.mark.parametrize("script", ["types", "test"])
def test_the_pages_own_checks_pass(script: str) -> None:
    npm("run", script)


@pytest.mark.usefixtures("built")
def test_the_apis_types_are_those_of_its_document(tmp_path: Path) -> None:
    fresh = tmp_path / "openapi.d.ts"
    npm("exec", "--", "openapi-typescript", "src/api/openapi.json", "--output", str(fresh))
    assert fresh.read_text() == (FRONTEND / "src/api/openapi.d.ts").read_text(), "run `make schema`"
