"""The page's server as a user starts it, and a browser's ear for its events."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from http.client import HTTPResponse
from typing import Any

START_SECONDS = 30.0
EVENT_SECONDS = 30.0


class PageServer:
    """``stellar page`` as a process. ``url`` is where it listens, ``log`` what it has written to stderr."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.log = ""
        self._ready = threading.Event()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        assert self._ready.wait(START_SECONDS), self.log
        found = re.search(r"The page is at (\S+)", self.log)
        assert found, self.log
        self.url = found[1]

    def call(self, path: str, body: Any = None, method: str | None = None) -> tuple[int, Any]:
        """Status and JSON of a call."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.url}{path}", data=data, method=method)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.load(error)

    def events(self, last_seen: int | None = None) -> AbstractContextManager[Events]:
        """What a watcher hears."""
        return listening(self.url, last_seen)

    def end(self, number: int = signal.SIGTERM) -> int:
        """Send a signal, and give the exit status."""
        self.process.send_signal(number)
        status = self.process.wait(20)
        self._reader.join()
        return status

    def _read(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.log += line
            self._ready.set()
        self._ready.set()


class Events:
    """Server-sent events of one connection."""

    def __init__(self, answer: HTTPResponse) -> None:
        assert answer.headers["content-type"].startswith("text/event-stream")
        self._answer = answer

    def next(self, name: str) -> dict[str, Any]:
        """The data of the next event of that name."""
        return self.until(name, lambda _: True)

    def until(self, name: str, condition: Any) -> dict[str, Any]:
        """The data of the next event of that name which fulfils the condition."""
        deadline = time.monotonic() + EVENT_SECONDS
        heard = None
        for line in self._answer:
            assert time.monotonic() < deadline, f"no such {name} event"
            key, _, text = line.decode().rstrip("\n").partition(": ")
            if key == "event":
                heard = text
            elif key == "data" and heard == name and condition(content := json.loads(text)):
                return dict(content)
        raise AssertionError("the stream has ended")

    def ends(self) -> bool:
        """Whether the stream comes to an end."""
        with suppress(OSError):
            for _ in self._answer:
                pass
        return True


@contextmanager
def listening(url: str, last_seen: int | None = None) -> Iterator[Events]:
    """What a watcher hears of the page's server there."""
    headers = {} if last_seen is None else {"last-event-id": str(last_seen)}
    request = urllib.request.Request(f"{url}/live/events", headers=headers)
    with urllib.request.urlopen(request, timeout=EVENT_SECONDS) as answer:
        yield Events(answer)


@contextmanager
def page_server(*arguments: object) -> Iterator[PageServer]:
    """A server on a port of its own, ready; it is ended with the block if it still runs."""
    process = subprocess.Popen(
        [sys.executable, "-m", "stellar_cli", "page", "--port", "0", *map(str, arguments)],
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield PageServer(process)
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        assert process.stderr is not None
        process.stderr.close()
