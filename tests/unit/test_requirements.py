"""What is deployed is what is tested: every pinned requirement is the version that this environment has."""

from importlib.metadata import version
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted([*ROOT.glob("functions/*/requirements.txt"), ROOT / "layers/model/requirements.txt"])


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.parent.name)
def test_requirements_are_pinned_to_the_versions_of_the_lock(file):
    lines = [line.partition("#")[0].strip() for line in file.read_text().splitlines()]
    pins = [line.partition("==") for line in lines if line]
    assert {name: pin for name, _, pin in pins} == {name: version(name.partition("[")[0]) for name, _, _ in pins}
