"""A small client of the Debug Adapter Protocol: what an editor sends when it attaches to debugpy."""

from __future__ import annotations

import itertools
import json
import socket
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self


class DebugClient:
    """Attached to a waiting debugpy. ``breakpoints`` maps lines of ``source`` that stop it."""

    def __init__(self, port: int, source: Path, lines: list[int], seconds: float = 60.0) -> None:
        self._deadline = time.monotonic() + seconds
        self._socket = self._connect(port)
        self._stream = self._socket.makefile("rb")
        self._numbers = itertools.count(1)
        self._events: list[dict[str, Any]] = []
        self.request("initialize", adapterID="debugpy", clientID="test", pathFormat="path")
        attaching = self._send("attach", justMyCode=False)  # it is answered once the configuration is done
        self.event("initialized")
        found = self.request(
            "setBreakpoints", source={"path": str(source)}, breakpoints=[{"line": line} for line in lines]
        )
        self.verified = [point["verified"] for point in found["breakpoints"]]
        self.request("configurationDone")
        self._answer(attaching)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stream.close()
        self._socket.close()

    def request(self, command: str, **arguments: Any) -> dict[str, Any]:
        """Send a request; the body of its response."""
        return self._answer(self._send(command, **arguments))

    def event(self, name: str) -> dict[str, Any]:
        """Wait for an event of that name; its body."""
        while True:
            for event in self._events:
                if event["event"] == name:
                    self._events.remove(event)
                    return dict(event.get("body") or {})
            self._read()

    def local_variables(self) -> tuple[str, dict[str, str]]:
        """Wait until it stands at a breakpoint: the name of the function, and its variables as text."""
        thread = self.event("stopped")["threadId"]
        frame = self.request("stackTrace", threadId=thread)["stackFrames"][0]
        scope = self.request("scopes", frameId=frame["id"])["scopes"][0]
        found = self.request("variables", variablesReference=scope["variablesReference"])["variables"]
        self._stopped = thread
        return str(frame["name"]), {each["name"]: each["value"] for each in found}

    def go_on(self) -> None:
        self.request("continue", threadId=self._stopped)

    def _connect(self, port: int) -> socket.socket:
        while True:
            try:
                return socket.create_connection(("127.0.0.1", port), timeout=30)
            except OSError:
                assert time.monotonic() < self._deadline, "nobody waits for a debugger"
                time.sleep(0.05)

    def _send(self, command: str, **arguments: Any) -> int:
        number = next(self._numbers)
        content = {"seq": number, "type": "request", "command": command, "arguments": arguments}
        body = json.dumps(content).encode()
        self._socket.sendall(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        return number

    def _answer(self, number: int) -> dict[str, Any]:
        while True:
            message = self._read()
            if message.get("type") == "response" and message["request_seq"] == number:
                assert message["success"], message
                return dict(message.get("body") or {})

    def _read(self) -> dict[str, Any]:
        assert time.monotonic() < self._deadline
        length = 0
        while line := self._stream.readline().strip():
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        message: dict[str, Any] = json.loads(self._stream.read(length))
        if message["type"] == "event":
            self._events.append(message)
        return message
