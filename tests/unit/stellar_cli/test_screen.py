"""What the terminal shows."""

from __future__ import annotations

import asyncio
import io
from pathlib import Path

from rich.console import Console

from lambda_emulator.cli.console import Console as Writer
from stellar_local_stack.screen import Screen, print_addresses


def test_addresses_are_whole_however_narrow_the_terminal_is() -> None:
    file = io.StringIO()
    secret = "password " + "x" * 60
    print_addresses(
        Console(file=file, width=20), [("Airflow", "http://127.0.0.1:8080", secret), ("gRPC", "127.0.0.1:50051", "")]
    )
    assert file.getvalue() == f"Airflow   http://127.0.0.1:8080   {secret}\ngRPC      127.0.0.1:50051\n"


async def test_lines_have_the_name_of_what_they_come_from(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with log.open("wb") as file, Writer(file.fileno()) as writer:
        screen = Screen(Console(file=io.StringIO()), writer)
        screen.requests.add("GET", "/health", 200, 0.0012)
        screen.function("RestFunction", b"START RequestId: 1\n[a line with [brackets]\n\nREPORT RequestId: 1\n")
        screen.server("s3", "GET / 200")
        screen.server("grpc", "x" * 300)
        await asyncio.sleep(0)
        screen.requests.flush()
    assert log.read_text().splitlines() == [
        "RestFunction    [a line with [brackets]",
        f"{'grpc':<16}{'x' * 300}",
        "http            GET /health 200 1.2 ms",
    ]


def test_names_are_coloured_on_a_terminal(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with log.open("wb") as file, Writer(file.fileno()) as writer:
        screen = Screen(Console(file=io.StringIO(), force_terminal=True, color_system="standard"), writer, verbose=True)
        screen.server("s3", "GET / 200")
    text = log.read_text()
    assert text.startswith("\x1b[")
    assert text.endswith("\x1b[0mGET / 200\n")
