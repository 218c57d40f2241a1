"""`stellar page` as a user meets it: ready without anything else, a clear word when not, and a quick end."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from click.testing import CliRunner

from stellar_cli.page import page
from support.page import page_server

NOWHERE = ("--bootstrap-servers", "127.0.0.1:1", "--esm-url", "http://127.0.0.1:1")


def test_it_serves_though_nothing_else_runs_and_nothing_is_built(tmp_path: Path) -> None:
    arguments = ("--folder", tmp_path / "dist", "--api-url", "http://127.0.0.1:3999/")
    with page_server(*NOWHERE, *arguments) as server:
        assert server.call("/config.json")[1]["graphqlUrl"] == "http://127.0.0.1:3999/graphql"
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(f"{server.url}/")
        with refused.value as answer:
            assert (answer.code, b"make page" in answer.read()) == (503, True)
        with server.events() as events:
            stats = events.next("stats")
        assert (stats["kafka"], stats["total"], stats["lag"], stats["feeding"]) == ("down", 0, None, False)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_though_somebody_watches(number: signal.Signals) -> None:
    with page_server(*NOWHERE) as server, server.events() as events:
        events.next("stats")
        assert server.end(number) == 0
        assert events.ends()
        assert "Traceback" not in server.log


def test_a_busy_port_is_named_with_its_owner() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        command = [sys.executable, "-m", "stellar_cli", "page", "--port", port]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert port in done.stderr
    assert "--port" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_address_that_cannot_be_had_is_one_line() -> None:
    done = CliRunner().invoke(page, ["--host", "no-such-host.invalid"])
    assert done.exit_code == 1
    assert "no-such-host.invalid cannot be listened on" in done.output


def test_help_needs_none_of_what_serving_needs() -> None:
    code = (
        "import sys; from click.testing import CliRunner; from stellar_cli.main import cli; "
        "print(CliRunner().invoke(cli, ['page', '--help']).output); "
        "print([m for m in ('starlette', 'confluent_kafka', 'numpy', 'stellar') if m in sys.modules])"
    )
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert "--api-url" in printed
    assert printed.rstrip().endswith("[]")
