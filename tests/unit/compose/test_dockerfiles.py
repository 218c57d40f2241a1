"""The Dockerfiles: clean to hadolint, of pinned bases, not as root, and copying only what there is."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from support.containers import DOCKERFILES, ROOT, copied_sources

each_dockerfile = pytest.mark.parametrize("dockerfile", DOCKERFILES, ids=lambda path: path.stem)


@each_dockerfile
def test_hadolint_finds_nothing(dockerfile: Path) -> None:
    hadolint = Path(sys.executable).with_name("hadolint")
    checked = subprocess.run([hadolint, dockerfile], capture_output=True, text=True, check=False, timeout=60)
    assert checked.returncode == 0, checked.stdout + checked.stderr


@each_dockerfile
def test_bases_are_pinned(dockerfile: Path) -> None:
    text = dockerfile.read_text()
    bases = dict(re.findall(r"^ARG (\w+_IMAGE)=(.+)$", text, re.MULTILINE))
    stages: set[str] = set()
    for line in re.findall(r"^FROM (.+)$", text, re.MULTILINE):
        base, _, stage = line.partition(" AS ")
        if base not in stages:
            assert re.search(r":\d+\.\d+\.\d+", bases[base.partition("${")[2].rstrip("}")]), base
        stages.add(stage)
    assert bases


@each_dockerfile
def test_it_builds_without_a_front_end_from_a_registry(dockerfile: Path) -> None:
    assert "syntax=" not in dockerfile.read_text()


@each_dockerfile
def test_it_does_not_run_as_root(dockerfile: Path) -> None:
    users = re.findall(r"^USER (\d+)", dockerfile.read_text(), re.MULTILINE)
    assert users
    assert users[-1] != "0"


@each_dockerfile
def test_what_it_copies_is_there_and_in_the_context(dockerfile: Path) -> None:
    rules = dockerfile.with_name(f"{dockerfile.name}.dockerignore").read_text().splitlines()
    let_in = [Path(rule.removeprefix("!")) for rule in rules if rule.startswith("!")]
    for source in copied_sources(dockerfile):
        assert any(source.is_relative_to(folder) for folder in let_in), source
        if source.parts[0] != "frontend":
            assert (ROOT / source).exists(), source


def test_uv_is_the_one_that_the_makefile_has() -> None:
    version = re.search(r"^UV_VERSION := (.+)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert version is not None
    for dockerfile in DOCKERFILES:
        assert f"astral-sh/uv:{version[1]}\n" in dockerfile.read_text()
