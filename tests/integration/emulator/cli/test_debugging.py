"""A debugger that attaches to a function, as VS Code's does."""

from __future__ import annotations

import json
import subprocess
import threading
from pathlib import Path

import pytest

from support.commands import MODULE, environment, run, serving
from support.debug_client import DebugClient
from support.ports import free_ports

pytest.importorskip("debugpy")

TEMPLATE = """
Transform: AWS::Serverless-2016-10-31
Globals:
  Function: {Runtime: python3.11, CodeUri: src, Timeout: 1}
Resources:
  Hello:
    Type: AWS::Serverless::Function
    Properties:
      Handler: app.hello
      Events:
        Get: {Type: HttpApi, Properties: {Path: /hello, Method: get}}
  Other: {Type: AWS::Serverless::Function, Properties: {Handler: app.other}}
"""
CODE = """
def hello(event, context):
    greeting = "hello"
    return {"statusCode": 200, "body": greeting}

def other(event, context):
    return "other"
"""
LINE = CODE.splitlines().index('    return {"statusCode": 200, "body": greeting}') + 1


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "template.yaml").write_text(TEMPLATE)
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "app.py").write_text(CODE)
    return tmp_path


def debugged(port: int, source: Path) -> dict[str, str]:
    """What a debugger sees that attaches, stops once and lets the function go on."""
    with DebugClient(port, source, [LINE]) as client:
        assert client.verified == [True]
        name, variables = client.local_variables()
        assert name == "hello"
        client.go_on()
    return variables


def test_a_debugger_attaches_to_an_invoked_function(project: Path) -> None:
    (port,) = free_ports(1)
    process = subprocess.Popen(
        [*MODULE, "invoke", "Hello", "-d", str(port)],
        cwd=project,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(),
    )
    try:
        variables = debugged(port, project / "src" / "app.py")
        out, log = process.communicate(timeout=60)
    finally:
        process.kill()
        process.wait()
    assert variables["greeting"] == "'hello'"
    assert json.loads(out) == {"statusCode": 200, "body": "hello"}
    assert f"Hello waits at its first call until a debugger attaches to 127.0.0.1:{port}".encode() in log
    assert process.returncode == 0


def test_one_of_several_functions_waits_and_the_others_run(project: Path) -> None:
    (port,) = free_ports(1)
    with serving(project, "start-api", "-d", str(port), "--debug-function", "Hello") as served:
        answers: list[tuple[int, bytes]] = []
        caller = threading.Thread(target=lambda: answers.append(served.get("/hello")))
        caller.start()
        assert debugged(port, project / "src" / "app.py")["greeting"] == "'hello'"
        caller.join(60)
        assert answers == [(200, b"hello")]
        assert served.get("/hello") == (200, b"hello")  # without the debugger, in the same environment


def test_arguments_of_sam_start_a_debugger_of_ones_own(project: Path) -> None:
    (project / "debugger").mkdir()
    (project / "debugger" / "mine.py").write_text("import runpy, sys\nprint('mine', sys.argv[1])\nsys.argv[:2] = []\n")
    args = ("-u", "/tmp/lambci_debug_files/mine.py")
    ended = run(project, "invoke", "Other", "-d", "5678", "--debugger-path", "debugger", "--debug-args", " ".join(args))
    assert b"mine -m" in ended.stderr


def test_what_cannot_be_debugged_is_said(project: Path) -> None:
    several = run(project, "start-lambda", "-d", "5678", "--debug-args", "-m pdb")
    assert several.returncode == 1
    assert b"name the function that they are for by --debug-function: one of Hello, Other" in several.stderr
    unknown = run(project, "start-api", "-d", "5678", "--debug-function", "Nobody")
    assert b"--debug-function Nobody: the template has no such function" in unknown.stderr
    empty = run(project, "invoke", "Hello", "-d", "5678", "--debugger-path", "src")
    assert b"src: there is no debugpy in it" in empty.stderr
