"""One version, whoever tells it."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner

from stellar import __version__
from stellar_cli.main import cli

ROOT = Path(__file__).resolve().parents[3]
PROJECTS = [ROOT / "pyproject.toml", *ROOT.glob("*/pyproject.toml"), *ROOT.glob("*/*/pyproject.toml")]


@pytest.mark.parametrize("file", PROJECTS, ids=lambda file: str(file.relative_to(ROOT)))
def test_every_distribution_has_it(file: Path) -> None:
    assert tomllib.loads(file.read_text())["project"]["version"] == __version__


def test_the_command_and_the_api_tell_it() -> None:
    assert CliRunner().invoke(cli, ["--version"]).output == f"stellar, version {__version__}\n"
    assert json.loads((ROOT / "frontend/src/api/openapi.json").read_text())["info"]["version"] == __version__
