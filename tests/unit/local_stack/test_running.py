"""How clients find a stack that runs, and which ports one gets."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import asdict, replace
from pathlib import Path

import click
import psutil
import pytest
from click.testing import CliRunner

from stellar_cli.main import cli, client_defaults
from stellar_local_stack import running
from stellar_local_stack.ports import AUTH, PORTS, Ports, offset_option, port_options

PORTS_OF_ONE = Ports(http=3100, lambda_api=3101, s3=4666, grpc=50151, kafka=9192, page=5274, metrics=9564)
DEFAULTS = Ports(**{port.field: port.default for port in PORTS})


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    for name in [name for name in os.environ if name.startswith("STELLAR_")]:
        monkeypatch.delenv(name)
    return tmp_path / "stellar"


def fail(text: str) -> None:
    pytest.fail(text)


def leave(state: Path, pid: int, ports: Ports, *, ready: float = 1.0, earlier: float = 0.0) -> None:
    """A note as a stack of that process leaves it, which began ``earlier`` seconds before."""
    state.mkdir(exist_ok=True)
    started = psutil.Process(pid).create_time() - earlier if psutil.pid_exists(pid) else 0.0
    content = {"pid": pid, "started": started, "ready": ready, "ports": asdict(ports), "issuer": ""}
    (state / f"{pid}.json").write_text(json.dumps(content))


def test_a_stack_is_found_while_it_runs_and_its_note_is_for_its_user_alone(state: Path) -> None:
    with running.noted(PORTS_OF_ONE, "http://127.0.0.1:8281", fail):
        [file] = state.iterdir()
        assert file.stat().st_mode & 0o777 == 0o600
        assert state.stat().st_mode & 0o777 == 0o700
        [stack] = running.stacks()
        assert (stack.pid, stack.ports, stack.issuer) == (os.getpid(), PORTS_OF_ONE, "http://127.0.0.1:8281")
        assert abs(stack.ready - time.time()) < 60
    assert not list(state.iterdir())


def test_the_note_of_a_killed_stack_is_removed_though_another_process_has_its_id_now(state: Path) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    leave(state, ended.pid, PORTS_OF_ONE)
    leave(state, os.getpid(), PORTS_OF_ONE, earlier=60)
    assert running.stacks() == []
    assert not list(state.iterdir())


def test_what_is_no_note_is_left_alone(state: Path) -> None:
    state.mkdir()
    (state / "other.json").write_text("{")
    assert running.stacks() == []
    assert (state / "other.json").exists()


def test_a_folder_that_cannot_be_written_is_told_and_the_stack_runs(tmp_path: Path) -> None:
    (tmp_path / "stellar").write_text("not a folder")
    told: list[str] = []
    with running.noted(PORTS_OF_ONE, "", told.append):
        assert "stellar probe" in told[0]


def test_the_newest_stack_is_taken_unless_one_is_named(state: Path) -> None:
    assert running.chosen(None, {}) == (DEFAULTS, None)
    leave(state, os.getpid(), PORTS_OF_ONE, ready=1.0)
    leave(state, os.getppid(), replace(PORTS_OF_ONE, http=3200, kafka=9292), ready=2.0)
    assert running.chosen(None, {})[0].http == 3200
    assert running.chosen(3100, {})[0] == PORTS_OF_ONE
    assert running.chosen(None, {"STELLAR_HTTP_PORT": "3100"})[0] == PORTS_OF_ONE
    assert running.chosen(None, {"STELLAR_PORT_OFFSET": "100"})[0] == PORTS_OF_ONE
    assert running.chosen(None, {"STELLAR_KAFKA_PORT": "1"})[0] == replace(PORTS_OF_ONE, http=3200, kafka=1), (
        "a port that has a variable is that"
    )
    with pytest.raises(click.ClickException, match=r"HTTP port 3300\. Running: 3200, 3100"):
        running.chosen(3300, {})


def test_variables_count_without_any_stack() -> None:
    assert running.chosen(None, {"STELLAR_HTTP_PORT": "4000"})[0] == replace(DEFAULTS, http=4000)
    assert running.chosen(None, {"STELLAR_PORT_OFFSET": "7"})[0].kafka == 9099


@pytest.mark.parametrize(
    ("command", "address"),
    [
        (["probe"], "http://127.0.0.1:3100"),
        (["bench"], "127.0.0.1:9192"),
        (["model"], "http://127.0.0.1:4666"),
        (["esm", "status"], "http://127.0.0.1:9564"),
        (["page"], "127.0.0.1:50151"),
        (["kafka", "topics"], "9192"),
        (["mlops"], "4666"),
    ],
)
def test_commands_have_the_stacks_addresses_by_default(state: Path, command: list[str], address: str) -> None:
    leave(state, os.getpid(), PORTS_OF_ONE)
    printed = CliRunner().invoke(cli, [*command, "--help"]).output
    assert address in printed.replace("\n", " ").replace("  ", "")


def test_what_a_command_has_by_default_is_an_option_of_it() -> None:
    for name, defaults in client_defaults(PORTS_OF_ONE, None).items():
        group = cli.get_command(click.Context(cli), name)
        assert group is not None
        for key, value in defaults.items():
            if isinstance(value, dict):
                assert isinstance(group, click.Group)
                assert value.keys() <= {parameter.name for parameter in group.commands[key].params}
            else:
                assert key in {parameter.name for parameter in group.params}


def test_an_offset_moves_every_port_but_those_given() -> None:
    @click.command()
    @offset_option
    @port_options
    def up(**numbers: int) -> None:
        click.echo(json.dumps(numbers))

    result = CliRunner().invoke(up, ["--kafka-port", "9000", "--port-offset", "100"])
    assert json.loads(result.output) == {f"{port.name}_port": port.default + 100 for port in PORTS} | {
        "kafka_port": 9000
    }
    assert AUTH not in PORTS
    assert "is not in the range" in CliRunner().invoke(up, ["--port-offset", "20000"]).output
