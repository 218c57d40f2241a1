"""What is written on stderr, and that writing it never blocks."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Iterator

import pytest

from lambda_emulator.cli.console import Console, configure_logging


class Pipe:
    """A pipe whose reading end may be left unread, or closed."""

    def __init__(self) -> None:
        self.reader, self.writer = os.pipe()
        self._open = {self.reader, self.writer}

    def close(self, *ends: int) -> None:
        for end in self._open.intersection(ends):
            os.close(end)
        self._open.difference_update(ends)

    def read_all(self) -> bytes:
        self.close(self.writer)
        chunks = iter(lambda: os.read(self.reader, 65_536), b"")
        return b"".join(chunks)


@pytest.fixture
def pipe() -> Iterator[Pipe]:
    pipe = Pipe()
    yield pipe
    pipe.close(pipe.reader, pipe.writer)


@pytest.fixture
def quiet_logging() -> Iterator[None]:
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = before, level


def test_lines_of_functions_are_marked_where_there_are_several(pipe: Pipe) -> None:
    with Console(pipe.writer, names=True) as console:
        console.line("ready")
        console.function_lines("Hello", b"one\ntwo\n")
        console.function_lines("Hello", b"[ERROR] x\rTraceback\r  at y\n")
    assert pipe.read_all() == (
        b"ready\nHello | one\nHello | two\nHello | [ERROR] x\nHello | Traceback\nHello |   at y\n"
    )


def test_lines_of_a_lone_function_are_as_they_are(pipe: Pipe) -> None:
    with Console(pipe.writer) as console:
        console.function_lines("Hello", b"one\xff\n")
    assert pipe.read_all() == b"one\xff\n"


def test_nobody_reading_costs_lines_and_not_time(pipe: Pipe) -> None:
    done = threading.Event()
    console = Console(pipe.writer)

    def flood() -> None:
        with console:
            for _ in range(20):
                console.write(b"x" * 1_000_000 + b"\n")
            done.set()

    flooding = threading.Thread(target=flood)
    flooding.start()
    assert done.wait(10)
    pipe.close(pipe.reader)  # the writing thread meets an error, and ends before the pipe's numbers are used again
    flooding.join()
    console._thread.join()


def test_a_closed_reader_is_no_error(pipe: Pipe) -> None:
    pipe.close(pipe.reader)
    with Console(pipe.writer) as console:
        console.line("to nobody")


@pytest.mark.usefixtures("quiet_logging")
def test_log_records_are_lines_of_the_console(pipe: Pipe) -> None:
    with Console(pipe.writer) as console:
        configure_logging(console, debug=False)
        logging.getLogger("lambda_emulator.http_api").warning("careful: %s", 1)
        logging.getLogger("lambda_emulator.http_api").debug("unseen")
        logging.getLogger("other").info("unseen")
    assert pipe.read_all() == b"WARNING: careful: 1\n"
