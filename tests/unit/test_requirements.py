"""What is deployed is what is tested: every pinned requirement is a version of the lock file."""

from __future__ import annotations

import tomllib
from collections import defaultdict
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted([*ROOT.glob("functions/*/requirements.txt"), ROOT / "layers/model/requirements.txt"])


@pytest.fixture(scope="module")
def locked() -> dict[str, set[str]]:
    """The versions of each package: several where Pythons need different ones."""
    versions = defaultdict(set)
    for package in tomllib.loads((ROOT / "uv.lock").read_text())["package"]:
        versions[package["name"]].add(package.get("version", ""))
    return versions


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.parent.name)
def test_requirements_are_pinned_to_the_versions_of_the_lock(file: Path, locked: dict[str, set[str]]) -> None:
    lines = [line.partition("#")[0].strip() for line in file.read_text().splitlines()]
    pins = [line.partition("==") for line in lines if line]
    assert pins
    assert {name: pin for name, _, pin in pins if pin not in locked[name.partition("[")[0]]} == {}
