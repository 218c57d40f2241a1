"""``python -m lambda_emulator``, or an installed command, as a process of its own, watched through its pipes."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil

TEMPLATE = """
AWSTemplateFormatVersion: '2010-09-09'
Transform: AWS::Serverless-2016-10-31
Globals:
  Function: {Runtime: python3.11, CodeUri: src, Timeout: 10, MemorySize: 256}
Resources:
  Hello:
    Type: AWS::Serverless::Function
    Properties:
      Handler: app.hello
      Environment: {Variables: {COLOR: red}}
      Events:
        Get: {Type: Api, Properties: {Path: /hello, Method: get}}
        Http: {Type: HttpApi, Properties: {Path: '/http/{proxy+}', Method: any}}
  Echo:
    Type: AWS::Serverless::Function
    Properties: {Handler: app.echo}
  Broken:
    Type: AWS::Serverless::Function
    Properties:
      Handler: app.broken
      Events:
        Get: {Type: Api, Properties: {Path: /broken, Method: get}}
        Http: {Type: HttpApi, Properties: {Path: /http-broken, Method: get}}
  Slow:
    Type: AWS::Serverless::Function
    Properties:
      Handler: app.slow
      Timeout: 1
      Events:
        Get: {Type: Api, Properties: {Path: /slow, Method: get}}
  Half:
    Type: AWS::Serverless::Function
    Properties:
      Handler: app.half_a_second
      Events:
        Get: {Type: Api, Properties: {Path: /half, Method: get}}
"""

CODE = """
import json, os, sys, time

def hello(event, context):
    print("hello from stdout")
    print("hello from stderr", file=sys.stderr)
    return {"statusCode": 200, "headers": {"Content-Type": "application/json"},
            "body": json.dumps({"color": os.environ["COLOR"], "event": event})}

def echo(event, context):
    return event

def broken(event, context):
    raise ValueError("the secret reason")

def slow(event, context):
    time.sleep(30)

def half_a_second(event, context):
    time.sleep(0.5)
    return {"statusCode": 200, "body": "done"}
"""


MODULE = (sys.executable, "-m", "lambda_emulator")


def write_project(folder: Path) -> Path:
    """A template of small functions; its folder."""
    (folder / "template.yaml").write_text(TEMPLATE)
    (folder / "src").mkdir()
    (folder / "src" / "app.py").write_text(CODE)
    return folder


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """This process's, without what would change what functions see."""
    names = ("AWS_ACCESS_KEY_ID", "AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION", "COLOR")
    return {**{name: value for name, value in os.environ.items() if name not in names}, **(extra or {})}


def run(
    folder: Path, *args: str, stdin: bytes = b"", program: Sequence[str] = MODULE, **extra: str
) -> subprocess.CompletedProcess[bytes]:
    """A command that ends by itself."""
    command = [*program, *args]
    return subprocess.run(
        command, cwd=folder, input=stdin, capture_output=True, timeout=60, env=environment(extra), check=False
    )


class Served:
    """A running ``start-api`` or ``start-lambda``."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.process = process
        self._lines: list[str] = []
        assert process.stderr is not None
        self._reader = threading.Thread(target=self._read, args=(process.stderr,), daemon=True)
        self._reader.start()

    def _read(self, stream: Any) -> None:
        for line in stream:
            self._lines.append(line.decode(errors="replace"))

    @property
    def log(self) -> str:
        return "".join(self._lines)

    def wait_for(self, text: str, seconds: float = 30.0) -> None:
        """Wait until the log says ``text``."""
        deadline = time.monotonic() + seconds
        while text not in self.log:
            assert time.monotonic() < deadline, f"{text!r} never came:\n{self.log}"
            assert self.process.poll() is None or text in self.log, f"ended early:\n{self.log}"
            time.sleep(0.01)

    @property
    def address(self) -> str:
        found = re.search(r" \* Running on (\S+)", self.log)
        assert found, self.log
        return found[1]

    def get(
        self, path: str, method: str = "GET", body: bytes | None = None, headers: Mapping[str, str] = {}
    ) -> tuple[int, bytes]:
        request = urllib.request.Request(f"{self.address}{path}", data=body, method=method, headers=dict(headers))
        try:
            with urllib.request.urlopen(request, timeout=30) as response:
                return response.status, response.read()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read()

    def descendants(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)

    def end(self, number: int = signal.SIGINT) -> int:
        """Signal it and give its exit status."""
        self.process.send_signal(number)
        status = self.process.wait(30)
        self._reader.join(10)
        return status


@contextmanager
def serving(
    folder: Path, command: str, *args: str, program: Sequence[str] = MODULE, port: str = "--port", **extra: str
) -> Iterator[Served]:
    """A service on a free port, ready; killed at the end if it still runs."""
    process = subprocess.Popen(
        [*program, command, port, "0", *args],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(extra),
    )
    try:
        served = Served(process)
        served.wait_for("Press CTRL+C to quit", 300.0)  # what functions list may have to be installed first
        yield served
    finally:
        if process.poll() is None:
            process.kill()
        process.wait(10)
        for stream in (process.stdout, process.stderr):
            if stream:
                stream.close()
