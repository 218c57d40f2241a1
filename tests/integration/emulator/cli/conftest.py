"""A project folder to run commands in."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.commands import write_project


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return write_project(tmp_path)
