"""Extensions: the programs in layers' ``extensions/`` folders, and threads of the runtime that register as such.

Mirrors "Using the Lambda Extensions API to create extensions" (AWS Lambda Developer Guide): external extensions start
with the environment, register, and ask for the next event; the environment takes an invocation once the runtime and all
extensions have asked. At its end they get SHUTDOWN and two seconds. What differs: they start beside the runtime, not
before it; and one that ends before it has registered is left out with a word, for its files are at other paths here.
"""

from __future__ import annotations

import asyncio
import json
import os
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from lambda_emulator.invocation import LATEST
from lambda_emulator.runtime import logs
from lambda_emulator.runtime.extensions.telemetry import Telemetry
from lambda_emulator.runtime.inflight import Inflight
from lambda_emulator.runtime.process import FunctionProcess
from lambda_emulator.runtime.runtime_api import EXTENSION_PATH, TELEMETRY_PATH, RuntimeConnection, header, reply
from lambda_emulator.stack import Function

SHUTDOWN_SECONDS = 2.0

_EVENTS = ("INVOKE", "SHUTDOWN")
_ACCEPTED = reply("202 Accepted", b'{"status":"OK"}')


def extension_files(function: Function) -> list[Path]:
    """The external extensions of a function: of several layers that have one of a name, the last one counts."""
    found: dict[str, Path] = {}
    for layer in function.layer_dirs:
        folder = layer / "extensions"
        if folder.is_dir():
            found |= {path.name: path for path in sorted(folder.iterdir()) if path.is_file()}
    return list(found.values())


@dataclass(eq=False)
class _Extension:
    name: str
    process: FunctionProcess | None = None  # None for one inside of the runtime
    identifier: str = ""  # empty until it has registered
    events: frozenset[str] = frozenset()
    waiting: RuntimeConnection | None = None  # the connection on which it asked for the next event
    owed: Mapping[str, Any] | None = None  # an event that came before it asked
    log: logs.EnvironmentLog | None = field(default=None, repr=False)


class Extensions:
    """The extensions of one environment. ``files`` are the external ones.

    ``on_ready`` is called when all have asked for their next event, ``on_failed`` when one fails the environment.
    """

    def __init__(
        self,
        function: Function,
        files: Sequence[Path],
        batch: logs.LogBatch,
        telemetry: Telemetry,
        *,
        on_ready: Callable[[], None],
        on_failed: Callable[[str, str], None],
    ) -> None:
        self._function = function
        self._files = files
        self._batch = batch
        self._telemetry = telemetry
        self._on_ready = on_ready
        self._on_failed = on_failed
        self._all: list[_Extension] = []
        self._on_ended: Callable[[], None] | None = None

    def start(self, variables: Mapping[str, str]) -> None:
        """Start the external ones."""
        for path in self._files:
            extension = _Extension(path.name)
            extension.log = logs.EnvironmentLog(self._batch, self._telemetry.extension_lines)
            try:
                if not os.access(path, os.X_OK):
                    raise PermissionError(13, "it may not be executed (chmod +x)")
                extension.process = FunctionProcess(
                    (str(path),),
                    variables=variables,
                    directory=path.parent,
                    on_exit=lambda status, extension=extension: self._exited(extension, status),  # type: ignore[misc]
                )
            except OSError as error:
                self._say(f"the extension {path.name} is not started: {error.strerror}")
                continue
            extension.log.attach(extension.process.output)
            self._all.append(extension)

    @property
    def ready(self) -> bool:
        """Whether every one of them waits for its next event."""
        return all(extension.waiting is not None for extension in self._all)

    @property
    def pids(self) -> Iterator[int]:
        """The processes of the external ones."""
        return (extension.process.pid for extension in self._all if extension.process)

    @property
    def are_external(self) -> bool:
        return any(extension.process for extension in self._all)

    def invoke(self, inflight: Inflight, deadline_ms: int) -> None:
        """Tell those that asked for it of an invocation."""
        if not self._all:
            return
        event = {
            "eventType": "INVOKE",
            "deadlineMs": deadline_ms,
            "requestId": inflight.request_id,
            "invokedFunctionArn": inflight.arn,
            "tracing": {"type": "X-Amzn-Trace-Id", "value": inflight.trace_id},
        }
        for extension in self._all:
            if "INVOKE" in extension.events:
                self._send(extension, event)

    def shut_down(self, reason: Literal["spindown", "timeout", "failure"], on_ended: Callable[[], None]) -> None:
        """Tell them that the environment ends; ``on_ended`` is called when all processes are gone."""
        self._on_ended = on_ended
        self._telemetry.close()
        deadline = int((time.time() + SHUTDOWN_SECONDS) * 1000)
        for extension in self._all:
            if extension.process is not None and "SHUTDOWN" in extension.events:
                self._send(extension, {"eventType": "SHUTDOWN", "shutdownReason": reason, "deadlineMs": deadline})
                asyncio.get_running_loop().call_later(SHUTDOWN_SECONDS, extension.process.kill)
            elif extension.process is not None:
                extension.process.kill()
        self._look_whether_ended()

    def called(self, connection: RuntimeConnection, head: bytes, body: bytes) -> bytes | None:
        """Answer a call of the Extensions or Telemetry API; None where the answer comes later."""
        method, _, rest = head.partition(b" ")
        path = rest.partition(b" ")[0]
        if method == b"POST" and path == EXTENSION_PATH + b"register":
            return self._register(head, body)
        extension = self._known(header(head, b"lambda-extension-identifier").decode("latin-1"))
        if extension is None:
            return _error(
                "403 Forbidden", "Extension.InvalidExtensionIdentifier", "Invalid Lambda-Extension-Identifier"
            )
        if method == b"GET" and path == EXTENSION_PATH + b"event/next":
            self._next(extension, connection)
            return None
        if method == b"POST" and path in (EXTENSION_PATH + b"init/error", EXTENSION_PATH + b"exit/error"):
            kind = header(head, b"lambda-extension-function-error-type").decode("latin-1")
            phase = "InitError" if path.endswith(b"init/error") else "ExitError"
            self._on_failed(f"Extension.{phase}", f"the extension {extension.name} reported {kind or 'an error'}")
            return _ACCEPTED
        if method == b"PUT" and path == TELEMETRY_PATH:
            mistake = self._telemetry.subscribe(extension.name, body)
            return _error("400 Bad Request", "ValidationError", mistake) if mistake else reply("200 OK", b'"OK"')
        return _error("404 Not Found", "NotFound", "No such operation")

    def _register(self, head: bytes, body: bytes) -> bytes:
        name = header(head, b"lambda-extension-name").decode("latin-1")
        try:
            wanted = frozenset(map(str, json.loads(body)["events"])) if body else frozenset()
        except (ValueError, KeyError, TypeError):
            return _error("400 Bad Request", "InvalidRequestFormat", "events is not a list")
        extension = next((each for each in self._all if each.name == name and not each.identifier), None)
        external = extension is not None
        allowed = frozenset(_EVENTS if external else ("INVOKE",))
        if not name or wanted - allowed:
            unknown = ", ".join(sorted(wanted - allowed)) or "no name"
            return _error(
                "400 Bad Request", "Extension.InvalidEventType", f"an extension cannot register for {unknown}"
            )
        if extension is None:
            extension = _Extension(name)
            self._all.append(extension)
        extension.identifier, extension.events = str(uuid.uuid4()), wanted
        self._telemetry.extension(name, extension.events)
        content = {
            "functionName": self._function.name,
            "functionVersion": LATEST,
            "handler": self._function.handler,
            "accountId": self._function.location.account,
        }
        return reply("200 OK", json.dumps(content).encode(), f"Lambda-Extension-Identifier: {extension.identifier}\r\n")

    def _next(self, extension: _Extension, connection: RuntimeConnection) -> None:
        extension.waiting = connection
        if extension.owed is not None:
            self._send(extension, extension.owed)
        elif self.ready:
            self._on_ready()

    def _known(self, identifier: str) -> _Extension | None:
        return next((each for each in self._all if identifier and each.identifier == identifier), None)

    def _send(self, extension: _Extension, event: Mapping[str, Any]) -> None:
        connection, extension.waiting = extension.waiting, None
        extension.owed = event if connection is None else None
        if connection is not None:
            extra = f"Lambda-Extension-Event-Identifier: {uuid.uuid4()}\r\n"
            connection.write(reply("200 OK", json.dumps(event).encode(), extra))

    def _exited(self, extension: _Extension, status: int) -> None:
        assert extension.log is not None
        extension.log.drain()
        extension.log.close()
        self._all.remove(extension)
        if self._on_ended is not None:
            self._look_whether_ended()
        elif extension.identifier:
            self._on_failed("Extension.Crash", f"the extension {extension.name} ended with status {status}")
        else:
            text = f"the extension {extension.name} ended with status {status} before it had registered"
            self._say(f"{text}; the function goes on without it, which it would not on AWS")
            if self.ready:
                self._on_ready()

    def _look_whether_ended(self) -> None:
        if self._on_ended is not None and not self.are_external:
            self._on_ended()

    def _say(self, text: str) -> None:
        self._batch.add(f"{self._function.name}: {text}\n".encode())


def _error(status: str, kind: str, message: str) -> bytes:
    return reply(status, json.dumps({"errorType": kind, "errorMessage": message}).encode())
