"""SAM's own tools on the template: nothing to complain of, and packages that Lambda takes, for both architectures."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from lambda_emulator.template.source.document import read_document
from stellar_deploy.build import sam_build, sam_command
from stellar_deploy.package import LARGEST
from stellar_deploy.tools import find_uv
from stellar_local_stack.project import ROOT

ELF_MACHINES = {"x86_64": 0x3E, "arm64": 0xB7}  # e_machine of the ELF header
EXTENSION = re.compile(r"\.cpython-(\d+)-")  # in the name of an extension module, the Python that it is for
FUNCTIONS = ("RestFunction", "GraphqlFunction", "StreamFunction")
LAYERS = ("StellarLayer", "ServiceLayer")

pytestmark = [pytest.mark.timeout(300), pytest.mark.xdist_group("ministack")]


@pytest.fixture(scope="module", autouse=True)
def sam() -> list[str]:
    if find_uv() is None:
        pytest.skip("uv is not on the PATH, and the SAM CLI gets its environment from it")
    command = sam_command()
    tried = subprocess.run([*command, "--version"], capture_output=True, text=True, check=False, timeout=200)
    if tried.returncode:
        pytest.skip(f"the SAM CLI cannot be had: {tried.stderr[-300:]}")
    return command


def test_sam_validate_finds_nothing(sam: list[str]) -> None:
    command = [*sam, "validate", "--lint", "--region", "us-east-1"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=200)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(("python", "architecture"), [("3.11", "x86_64"), ("3.13", "arm64")])
def test_packages_are_for_the_parameters_and_within_lambdas_limit(
    tmp_path: Path, python: str, architecture: str
) -> None:
    template = read_document(sam_build(tmp_path / "build", python, architecture)).data
    folders = {name: tmp_path / "build" / name for name in (*FUNCTIONS, *LAYERS)}
    assert folders.keys() <= template["Resources"].keys()
    libraries = {machine(path) for folder in folders.values() for path in folder.rglob("*.so")}
    assert libraries == {ELF_MACHINES[architecture]}
    versions = {match[1] for folder in folders.values() for match in map(EXTENSION.search, names(folder)) if match}
    assert versions == {python.replace(".", "")}
    for name in FUNCTIONS:
        assert size(folders[name]) + sum(size(folders[layer]) for layer in LAYERS) < LARGEST, name


def machine(library: Path) -> int:
    with library.open("rb") as file:
        return int.from_bytes(file.read(20)[18:20], "little")


def names(folder: Path) -> Iterator[str]:
    return (each.name for each in files(folder))


def size(folder: Path) -> int:
    return sum(each.stat().st_size for each in files(folder))


def files(folder: Path) -> Iterator[Path]:
    return (each for each in folder.rglob("*") if each.is_file())
