"""Edits take over without a failed call; broken ones leave the code before them in place."""

from __future__ import annotations

import asyncio
import json
import os
import signal

import pytest

from support.stacks import ask, call, function, running, until

BODY = "def lambda_handler(event, context): return {answer!r}\n"


@pytest.fixture
def code(tmp_path):
    folder = tmp_path / "code"
    folder.mkdir()
    (folder / "app.py").write_text(BODY.format(answer="one"))
    return folder


async def answered(service, wanted, event=None):
    """Wait until the function answers so."""
    async with asyncio.timeout(10):
        while await ask(service, event) != wanted:
            pass


async def test_an_edit_takes_over(start, code):
    service = await start(function(code), watch=True)
    assert await ask(service) == "one"
    (code / "app.py").write_text(BODY.format(answer="two"))
    await answered(service, "two")


async def test_an_edit_of_a_layer_takes_over(start, tmp_path, code):
    layer = tmp_path / "layer"
    layer.mkdir()
    (layer / "shared.py").write_text("NAME = 'old'")
    (code / "app.py").write_text("import shared\ndef lambda_handler(event, context): return shared.NAME\n")
    service = await start(function(code, layer_dirs=(layer,)), watch=True)
    assert await ask(service) == "old"
    (layer / "shared.py").write_text("NAME = 'new'")
    await answered(service, "new")


async def test_edits_under_load_fail_no_call_and_the_old_code_is_not_seen_again(start, code):
    service = await start(function(code), watch=True, concurrency=2)
    await ask(service)
    answers, editing = [], True

    async def load():
        while editing:
            answers.append(await ask(service))

    clients = [asyncio.create_task(load()) for _ in range(4)]
    versions = ["2-a", "2-b", "2-c", "2-d"]  # as long as each other, and likely in the same second
    for version in versions:
        (code / "app.py").write_text(BODY.format(answer=version))
        await until(lambda version=version: answers[-10:] == [version] * 10)
    editing = False
    await asyncio.gather(*clients)
    assert sorted(set(answers), key=answers.index) == ["one", *versions]


async def test_a_broken_edit_leaves_the_old_code_serving_and_shows_the_error(start, code, log):
    service = await start(function(code), watch=True)
    assert await ask(service) == "one"
    (code / "app.py").write_text("def lambda_handler(:\n")
    await until(lambda: "the code before it serves on" in log.text)
    assert "Syntax error in module 'app'" in log.text
    answers = await asyncio.gather(*(ask(service) for _ in range(10)))
    assert set(answers) == {"one"}
    (code / "app.py").write_text(BODY.format(answer="mended"))
    await answered(service, "mended")


async def test_code_that_was_broken_from_the_start_can_be_mended(start, code):
    (code / "app.py").write_text("import not_there\n")
    service = await start(function(code), watch=True)
    assert json.loads((await call(service)).payload)["errorType"] == "Runtime.ImportModuleError"
    (code / "app.py").write_text(BODY.format(answer="mended"))
    assert await ask(service) == "mended"


async def test_a_call_that_runs_while_the_code_changes_ends_with_the_old_code(start, code, log):
    slow = "import time\ndef lambda_handler(event, context):\n    time.sleep(event)\n    return 'old'\n"
    (code / "app.py").write_text(slow)
    service = await start(function(code), watch=True)
    await ask(service, 0)
    running = asyncio.create_task(ask(service, 1.5))
    await asyncio.sleep(0)
    (code / "app.py").write_text(BODY.format(answer="new"))
    await answered(service, "new", 0)
    assert not running.done()
    assert await running == "old"


async def test_a_folder_that_is_built_anew_is_noticed(start, code):
    service = await start(function(code), watch=True)
    assert await ask(service) == "one"
    code.rename(code.with_name("gone"))
    code.mkdir()
    (code / "app.py").write_text(BODY.format(answer="rebuilt"))
    await answered(service, "rebuilt")


async def test_files_that_are_not_code_start_nothing(start, code, log):
    service = await start(function(code), watch=True)
    await ask(service)
    (code / ".hidden").write_text("")
    (code / "trace.log").write_text("")
    (code / "__pycache__").mkdir(exist_ok=True)
    (code / "__pycache__" / "other.cpython-311.pyc").write_bytes(b"")
    (code / "data.json").write_text("{}")  # this one does, and comes after the others
    await until(lambda: log.text.count("INIT_START") >= 2)
    assert log.text.count("INIT_START") == 2


STOPPED_ONCE = """
import os, pathlib, signal
marker = pathlib.Path({marker!r})
if not marker.exists():
    marker.touch()
    os.kill(os.getpid(), signal.SIGSTOP)
def lambda_handler(event, context): return "two"
"""


async def test_an_edit_whose_first_process_is_stopped_while_it_loads_is_taken_up(start, code, tmp_path, log):
    service = await start(function(code), watch=True, concurrency=1)
    assert await ask(service) == "one"
    (code / "app.py").write_text(STOPPED_ONCE.format(marker=str(tmp_path / "marker")))
    await answered(service, "two")
    assert "is stopped by a signal; it is killed" in log.text


async def test_stopped_processes_do_not_outlive_an_edit(start, code):
    (code / "app.py").write_text("import os\ndef lambda_handler(event, context): return os.getpid()\n")
    service = await start(function(code), watch=True, concurrency=1)
    stopped = await ask(service)
    os.kill(stopped, signal.SIGSTOP)
    (code / "app.py").write_text(BODY.format(answer="two"))
    await answered(service, "two")
    await until(lambda: not running(stopped))
