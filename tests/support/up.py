"""`stellar up` as a user starts it, on free ports."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path

import psutil

from support.ports import free_ports

START_SECONDS = 300.0  # generous: the budget on a quiet machine is 5, once what functions list is installed

STELLAR = Path(sys.executable).with_name("stellar")


def until(condition: Callable[[], bool], seconds: float = START_SECONDS) -> None:
    """Wait until the condition holds."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.05)


class Up:
    """A running `stellar up` whose output is gathered."""

    def __init__(
        self,
        *arguments: str,
        environment: Mapping[str, str] | None = None,
        program: Path = STELLAR,
        folder: Path | None = None,
    ) -> None:
        self.ports = dict(zip(("http", "lambda", "s3", "grpc", "kafka", "metrics", "page"), free_ports(7), strict=True))
        command = [str(program), "up", "--no-watch", *arguments]
        for name, number in self.ports.items():
            command += [f"--{name}-port", str(number)]
        self.environment = {**os.environ, **(environment or {})}
        self.process = subprocess.Popen(
            command, stderr=subprocess.PIPE, text=True, start_new_session=True, env=self.environment, cwd=folder
        )
        self.lines: list[str] = []
        self._ready = threading.Event()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.lines.append(line.rstrip())
            if line.startswith("curl "):
                self._ready.set()

    @property
    def output(self) -> str:
        return "\n".join(self.lines)

    @property
    def curl(self) -> str:
        return next(line for line in self.lines if line.startswith("curl "))

    def wait_until_ready(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not self._ready.wait(0.1):
            assert self.process.poll() is None, self.output
            assert time.monotonic() < deadline, self.output

    def url(self, server: str = "http") -> str:
        return f"http://127.0.0.1:{self.ports[server]}"

    def get(self, path: str, server: str = "http") -> dict:
        with urllib.request.urlopen(f"{self.url(server)}{path}") as answer:
            return json.load(answer)

    def family(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)

    def processes(self, *words: str) -> list[psutil.Process]:
        """Those of the stack whose command lines have these words."""

        def has_them(process: psutil.Process) -> bool:
            try:
                return set(words) <= set(process.cmdline())
            except psutil.NoSuchProcess:  # it ended meanwhile
                return False

        return list(filter(has_them, self.family()))

    def end(self, number: int) -> int:
        self.process.send_signal(number)
        return self.process.wait(timeout=60)

    def __enter__(self) -> Up:
        """Ready, or the reason why not."""
        try:
            self.wait_until_ready()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.end(signal.SIGTERM)
        self._reader.join(timeout=5)
        assert self.process.stderr is not None
        self.process.stderr.close()
