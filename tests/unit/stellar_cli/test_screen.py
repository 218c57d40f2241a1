"""What the terminal shows."""

import io

from rich.console import Console

from stellar_local_stack.screen import print_addresses


def test_addresses_are_whole_however_narrow_the_terminal_is():
    console = Console(file=io.StringIO(), width=20)
    secret = "password " + "x" * 60
    print_addresses(console, [("Airflow", "http://127.0.0.1:8080", secret), ("gRPC", "127.0.0.1:50051", "")])
    assert console.file.getvalue() == f"Airflow   http://127.0.0.1:8080   {secret}\ngRPC      127.0.0.1:50051\n"
