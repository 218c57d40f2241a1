"""A gRPC server as a user starts it, and clients for one."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import grpc

from stellar_service import contract

START_SECONDS = 30.0
END_SECONDS = 20.0


class Stub:
    """The calls of the service over a channel of grpc or grpc.aio, as attributes."""

    def __init__(self, channel: Any) -> None:
        for method in contract.SERVICE.methods:
            kind = "stream_stream" if method.client_streaming else "unary_unary"
            call = getattr(channel, kind)(
                f"/{contract.SERVICE.full_name}/{method.name}",
                request_serializer=contract.message_class(method.input_type).SerializeToString,
                response_deserializer=contract.message_class(method.output_type).FromString,
            )
            setattr(self, method.name, call)

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(name)


class ServerProcess:
    """``stellar grpc`` as a process. ``address`` is where it listens, ``log`` what it has written to stderr."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.log = ""
        self._written = threading.Condition()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self.address = self.wait_for(r"ready on (\S+)").group(1)

    def wait_for(self, pattern: str) -> re.Match[str]:
        """Wait until the log has it."""
        with self._written:
            found = self._written.wait_for(lambda: re.search(pattern, self.log) or self._over(), START_SECONDS)
        assert isinstance(found, re.Match), f"{pattern!r} is not in:\n{self.log}"
        return found

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Send a signal, and give the exit status."""
        self.process.send_signal(number)
        return self.wait()

    def wait(self) -> int:
        """The exit status, once the process has ended."""
        status = self.process.wait(END_SECONDS)
        self._reader.join()
        return status

    def _over(self) -> bool:
        return not self._reader.is_alive()

    def _read(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            with self._written:
                self.log += line
                self._written.notify_all()
        with self._written:
            self._written.notify_all()


def command(*arguments: object) -> list[str]:
    """The command line of ``stellar grpc``."""
    return [sys.executable, "-m", "stellar_cli", "grpc", *map(str, arguments)]


@contextmanager
def grpc_server(*arguments: object, environment: Mapping[str, str] | None = None) -> Iterator[ServerProcess]:
    """A server on a port of its own, ready; it is ended with the block if it still runs."""
    process = subprocess.Popen(
        command("--port", 0, *arguments),
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "GRPC_VERBOSITY": "NONE", **(environment or {})},
    )
    try:
        yield ServerProcess(process)
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        assert process.stderr is not None
        process.stderr.close()


def insecure(address: str) -> Any:
    """A synchronous channel."""
    return grpc.insecure_channel(address)
