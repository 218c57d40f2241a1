"""One broker as a child process: started, awaited, stopped, killed, started again on the same port."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import ClassVar, Self

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from stellar_local_stack.ports import free_ports, is_free

HOST = "127.0.0.1"
_GUARD = Path(__file__).with_name("guard.py")
_LAST_LINES = 30
_GUARD_SECONDS = 3.0
_PORT_SECONDS = 10.0


class BrokerError(RuntimeError):
    """A broker cannot be started or used; the text says why and what would help."""


class BrokerProcess(ABC):
    """A broker on one loopback port. A context manager: started on entry, stopped on exit.

    ``port`` 0 takes a free one. The broker dies with this process, however that ends.
    """

    kind: str
    stop_seconds = 10.0
    """How long a broker may take to end by itself before it is killed."""
    consumer_config: ClassVar[Mapping[str, str]] = {}
    """librdkafka settings that suit a consumer of this kind of broker."""

    def __init__(self, port: int = 0) -> None:
        self.port = port or free_ports(1)[0]
        self._process: subprocess.Popen[bytes] | None = None
        self._lines: deque[str] = deque(maxlen=_LAST_LINES)
        self._reader: threading.Thread | None = None
        self._starting = threading.Lock()
        self._closed = False

    @property
    def bootstrap_servers(self) -> str:
        return f"{HOST}:{self.port}"

    @property
    def log(self) -> str:
        """The last lines that the broker wrote."""
        return "\n".join(self._lines)

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def client_config(self) -> dict[str, str]:
        """librdkafka settings of a client of this broker."""
        return {"bootstrap.servers": self.bootstrap_servers}

    @abstractmethod
    def command(self) -> list[str]:
        """The broker's command line. Prepares what the broker needs first. Raises BrokerError."""

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def start(self, ready_seconds: float = 180.0) -> None:
        """Start the broker and wait until it answers. Raises BrokerError."""
        self._refuse_busy()
        self._lines.clear()
        command = self.command()
        with self._starting:
            if self._closed:
                raise BrokerError(f"The {self.kind} broker was closed.")
            process = subprocess.Popen(
                [sys.executable, "-I", "-S", str(_GUARD), *command],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            self._process = process
            self._reader = threading.Thread(target=self._read, args=(process,), daemon=True)
            self._reader.start()
        try:
            self._wait_until_ready(process, time.monotonic() + ready_seconds)
        except BaseException:
            self.kill()
            raise

    def restart(self, ready_seconds: float = 180.0) -> None:
        """Start the broker again after it has ended by itself. Raises BrokerError."""
        self.kill()
        deadline = time.monotonic() + _PORT_SECONDS
        while True:
            try:
                self._refuse_busy()  # what was killed may hold the port for a moment
                break
            except BrokerError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)
        self.start(ready_seconds)

    def stop(self) -> None:
        """Let the broker end in order; kill it if it takes too long."""
        if self._process is None:
            return
        self._process.terminate()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(self.stop_seconds)
        self.kill()

    def kill(self) -> None:
        """SIGKILL, at once."""
        process, self._process = self._process, None
        if process is None:
            return
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.close()  # tells the guard to kill the broker, and to reap it
        try:
            process.wait(_GUARD_SECONDS)
        except subprocess.TimeoutExpired:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        if self._reader is not None:
            self._reader.join()
        process.stdout.close()

    def wait(self) -> str:
        """Block until the broker, which was started, ends; say how, with its last lines."""
        assert self._process is not None
        return self._end_of(self._process)

    def close(self) -> None:
        """Stop the broker for good, also one that another thread is starting."""
        with self._starting:
            self._closed = True
        self.stop()

    def _end_of(self, process: subprocess.Popen[bytes]) -> str:
        status = process.wait()
        if self._reader is not None:
            self._reader.join(_GUARD_SECONDS)
        return f"The {self.kind} broker ended with status {status}.\n{self.log}".rstrip()

    def _read(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdout is not None
        for line in process.stdout:
            self._lines.append(line.decode(errors="replace").rstrip())

    def _refuse_busy(self) -> None:
        if not is_free(self.port):
            raise BrokerError(
                f"Port {self.port} is taken. Stop what listens there, or choose another port with --port."
            )

    def _wait_until_ready(self, process: subprocess.Popen[bytes], deadline: float) -> None:
        """Wait for the port, which is cheap to ask, then for an answer."""
        while time.monotonic() < deadline:
            if process.poll() is not None:
                raise BrokerError(self._end_of(process))
            with suppress(OSError), socket.create_connection((HOST, self.port), timeout=1):
                break
            time.sleep(0.02)
        admin = AdminClient({**self.client_config(), "log_level": 0})
        while time.monotonic() < deadline and process.poll() is None:
            with suppress(KafkaException):
                if admin.list_topics(timeout=1).brokers:
                    return
        raise BrokerError(f"The {self.kind} broker on port {self.port} does not answer.\n{self.log}")
