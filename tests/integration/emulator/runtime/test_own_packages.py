"""Functions see the runtime client, boto3, their layers and what they list, and nothing else that is installed here."""

from __future__ import annotations

import asyncio
import json
import shutil
import sys
from pathlib import Path
from typing import Any

import psutil
import pytest

from lambda_emulator.dependencies import SharedHome, uv
from lambda_emulator.dependencies.interpreters import available, name_of
from lambda_emulator.runtime import LambdaService
from lambda_emulator.stack import Function
from support.kafka import until
from support.stacks import ask, call, function, stack
from support.tiny_wheels import tiny_wheel

pytestmark = pytest.mark.skipif(uv.find_uv() is None, reason="uv is not installed")

CODE = """
import importlib, os, sys

def lambda_handler(event, context):
    found = {"python": list(sys.version_info[:2]), "executable": sys.executable}
    for name in event:
        try:
            found[name] = getattr(importlib.import_module(name), "VERSION", True)
        except ImportError as error:
            found[name] = str(error)
    return found
"""


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cold one."""
    monkeypatch.setenv("LAMBDA_EMULATOR_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The folder of a function."""
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "app.py").write_text(CODE)
    return tmp_path / "code"


def list_wheel(folder: Path, name: str, version: str = "1.0") -> None:
    """Let the folder's list of packages ask for this one alone."""
    wheel = tiny_wheel(folder.parent, name, version)
    (folder / "requirements.txt").write_text(f"{wheel}\n")


@pytest.fixture
def calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file with one line for each call of uv."""
    record = tmp_path / "calls"
    program = tmp_path / "uv"
    program.write_text(f'#!/bin/sh\necho "$@" >> {record}\nexec {uv.find_uv()} "$@"\n')
    program.chmod(0o755)
    monkeypatch.setattr(uv, "find_uv", lambda: str(program))
    return record


def number_of(calls: Path) -> int:
    return len(calls.read_text().splitlines())


def suffixes(folder: Path) -> list[str]:
    return [path.suffix for path in folder.iterdir()]


async def test_what_is_installed_beside_the_runtime_is_not_there(start: Any, project: Path) -> None:
    service = await start(function(project))
    found = await ask(service, ["boto3", "botocore", "awslambdaric", "pytest", "psutil", "lambda_emulator"])
    assert [found[name] for name in ("boto3", "botocore", "awslambdaric")] == [True] * 3
    assert [found[name] for name in ("pytest", "psutil", "lambda_emulator")] == [
        f"No module named '{name}'" for name in ("pytest", "psutil", "lambda_emulator")
    ]


async def test_in_the_shared_environment_all_of_it_is_there(start: Any, project: Path) -> None:
    list_wheel(project, "tiny")
    service = await start(function(project), shared=SharedHome())
    assert await ask(service, ["psutil", "tiny"]) == {
        "python": list(sys.version_info[:2]),
        "executable": sys.executable,
        "psutil": True,
        "tiny": "No module named 'tiny'",
    }


async def test_packages_that_a_function_and_its_layer_list_are_installed(
    start: Any, project: Path, tmp_path: Path, calls: Path
) -> None:
    layer = tmp_path / "layer"
    layer.mkdir()
    list_wheel(project, "tiny")
    list_wheel(layer, "layered")
    chosen = function(project, layer_dirs=(layer,))
    found = await ask(await start(chosen), ["tiny", "layered"])
    assert (found["tiny"], found["layered"]) == ("1.0", "1.0")
    assert number_of(calls) == 2
    await ask(await start(chosen), ["tiny", "layered"])  # from the warm cache
    assert number_of(calls) == 2


async def test_a_package_beside_the_code_wins(start: Any, project: Path) -> None:
    list_wheel(project, "tiny")
    (project / "tiny.py").write_text("VERSION = 'vendored'")
    assert (await ask(await start(function(project)), ["tiny"]))["tiny"] == "vendored"


async def test_an_edit_of_the_list_reloads(start: Any, project: Path, log: Any) -> None:
    list_wheel(project, "tiny")
    service = await start(function(project), watch=True)
    assert (await ask(service, ["tiny"]))["tiny"] == "1.0"
    list_wheel(project, "tiny", "2.0")
    await until(lambda: "INIT_START" in log.text.partition("INIT_START")[2])
    async with asyncio.timeout(60):
        while (await ask(service, ["tiny"]))["tiny"] != "2.0":  # noqa: ASYNC110
            await asyncio.sleep(0.05)


async def test_a_list_that_cannot_be_installed_lets_the_code_before_it_serve_on(
    start: Any, project: Path, log: Any
) -> None:
    list_wheel(project, "tiny")
    service = await start(function(project), watch=True)
    assert (await ask(service, ["tiny"]))["tiny"] == "1.0"
    (project / "requirements.txt").write_text("./gone-1.0-py3-none-any.whl\n")
    await until(lambda: "lists packages in" in log.text)
    assert (await ask(service, ["tiny"]))["tiny"] == "1.0"


async def test_concurrent_cold_starts_share_one_installation(start: Any, project: Path, calls: Path) -> None:
    list_wheel(project, "tiny")
    services = [await start(function(project)) for _ in range(3)]
    answers = await asyncio.gather(*(ask(service, ["tiny"]) for service in services for _ in range(2)))
    assert {answer["tiny"] for answer in answers} == {"1.0"}
    assert number_of(calls) == 1


async def error_of(service: LambdaService) -> str:
    result = await call(service, [])
    assert result.function_error == "Unhandled"
    error = json.loads(result.payload)
    assert error["errorType"] == "Runtime.InvalidDependencies"
    return error["errorMessage"]


async def test_without_uv_the_error_names_the_ways_out(
    start: Any, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    list_wheel(project, "tiny")
    monkeypatch.setattr(uv, "find_uv", lambda: None)
    message = await error_of(await start(function(project)))
    assert f"the-function lists packages in {project / 'requirements.txt'}: uv" in message
    assert "pip install uv" in message
    assert "--shared-environment" in message


async def test_an_index_that_is_not_reached_is_told(start: Any, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UV_DEFAULT_INDEX", "http://127.0.0.1:1/simple")
    monkeypatch.setenv("UV_HTTP_RETRIES", "0")
    (project / "requirements.txt").write_text("a-package-that-is-nowhere==1.0\n")
    service = await start(function(project))
    assert "the package index is not reached" in await error_of(service)
    list_wheel(project, "tiny")  # and the next call tries again
    assert (await ask(service, ["tiny"]))["tiny"] == "1.0"


async def test_closing_during_an_installation_ends_it(
    project: Path, tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    list_wheel(project, "tiny")
    program = tmp_path / "uv"
    program.write_text(f"#!/bin/sh\necho $$ > {tmp_path / 'pid'}\nexec sleep 600\n")
    program.chmod(0o755)
    monkeypatch.setattr(uv, "find_uv", lambda: str(program))
    async with LambdaService(stack(function(project)), watch=False) as service:
        waiting = asyncio.create_task(call(service, []))
        await until(lambda: (tmp_path / "pid").exists() and (tmp_path / "pid").read_text().strip())
        await service.drain_and_close(0.0)
        assert not psutil.pid_exists(int((tmp_path / "pid").read_text()))
    assert isinstance((await asyncio.gather(waiting, return_exceptions=True))[0], Exception)
    assert suffixes(cache) == [".lock"]


@pytest.mark.parametrize("version", [version for version in ((3, 12), (3, 13)) if version in available()])
async def test_a_runtime_runs_on_its_own_python(start: Any, project: Path, version: tuple[int, int]) -> None:
    shutil.rmtree(project / "__pycache__", ignore_errors=True)
    list_wheel(project, "tiny")
    chosen: Function = function(project, runtime=name_of(version))
    found = await ask(await start(chosen), ["tiny", "boto3", "psutil"])
    assert found["python"] == list(version)
    assert (found["tiny"], found["boto3"]) == ("1.0", True)
    assert "No module" in found["psutil"]
