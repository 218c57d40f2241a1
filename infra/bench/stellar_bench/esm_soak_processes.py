"""The processes of ``esm_soak``: the function's Lambda API and the pollers, started, watched at work, and killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import psutil

from stellar_bench.esm_outputs import SoakError

FOLDER = Path(__file__).with_name("soak")
EMULATOR = (sys.executable, "-m", "lambda_emulator")
_READY = "Press CTRL+C"
_SECONDS = 120.0
_RUNTIME = "lambda"


class Processes:
    """``start-lambda`` and any number of ``start-esm``, which ``poller`` may replace by a command of the same kind."""

    def __init__(
        self, folder: Path, environment: dict[str, str], parameters: Sequence[str], poller: Sequence[str] = EMULATOR
    ) -> None:
        self._folder = folder
        self._environment = {**os.environ, **environment}
        self._parameters = ["--parameter-overrides", *parameters]
        self._poller = poller
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._statuses: dict[str, str] = {}
        self._endpoint = ""

    @property
    def pollers(self) -> list[str]:
        """Their names."""
        return sorted(self._statuses)

    def start_lambda(self) -> None:
        """Start the Lambda API with the function. Raises SoakError."""
        arguments = ("start-lambda", "--port", "0", "--warm-containers", "EAGER", "--no-watch", "--shared-environment")
        text = self._start(_RUNTIME, [*EMULATOR, *arguments])
        self._endpoint = text.partition(" * Running on ")[2].split()[0]

    def start_poller(self, name: str) -> None:
        """Start a poller. Raises SoakError."""
        arguments = ("start-esm", "--lambda-endpoint", self._endpoint, "--metrics-port", "0", *self._parameters)
        text = self._start(name, [*self._poller, *arguments])
        self._statuses[name] = text.partition(" * Metrics on ")[2].split("/metrics")[0] + "/status"

    def kill_poller(self, name: str) -> None:
        """SIGKILL."""
        del self._statuses[name]
        self._end(name, signal.SIGKILL)

    def function_at_work(self, writers: Callable[[], set[int]], wait: Callable[[], None]) -> psutil.Process:
        """A process of the function that has written some of the last outputs. Raises SoakError.

        ``wait`` is called between two looks.
        """
        runtime = psutil.Process(self._running[_RUNTIME].pid)
        deadline = time.monotonic() + _SECONDS
        while time.monotonic() < deadline:
            for each in runtime.children(recursive=True):
                if each.pid in writers():
                    return each
            wait()
        raise SoakError("no process of the function was at work")

    def poller_at_work(self, names: Sequence[str], wait: Callable[[], None]) -> str:
        """The first of these pollers that is seen to process records. Raises SoakError."""
        before = {name: self.processed(name) for name in names}
        deadline = time.monotonic() + _SECONDS
        while time.monotonic() < deadline:
            wait()
            for name in names:
                if self.processed(name) > before[name]:
                    return name
        raise SoakError(f"none of the pollers {names} was at work")

    def processed(self, name: str) -> int:
        """Records that a poller has processed."""
        [status] = self._status(name)
        return int(status["processed"])

    def memory_mb(self) -> float:
        """Of the largest poller."""
        return max(psutil.Process(self._running[name].pid).memory_info().rss / 1e6 for name in self.pollers)

    def stop(self) -> None:
        """End all, the pollers first."""
        for name in [*self.pollers, _RUNTIME]:
            if name in self._running:
                self._end(name, signal.SIGTERM)

    def _status(self, name: str) -> list[dict[str, Any]]:
        with urllib.request.urlopen(self._statuses[name], timeout=30) as answer:
            content: list[dict[str, Any]] = json.load(answer)
            return content

    def _start(self, name: str, command: Sequence[str]) -> str:
        """Start a command and wait until it is ready; what it wrote."""
        path = self._folder / f"{name}-{time.monotonic_ns()}.log"
        with path.open("wb") as output:
            process = subprocess.Popen(
                command,
                cwd=FOLDER,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        self._running[name] = process
        deadline = time.monotonic() + _SECONDS
        while _READY not in (text := path.read_text(errors="replace")):
            if process.poll() is not None or time.monotonic() > deadline:
                raise SoakError(f"{name} did not start:\n{text}")
            time.sleep(0.02)
        return text

    def _end(self, name: str, number: int) -> None:
        process = self._running.pop(name)
        process.send_signal(number)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
