"""``invoke`` as a user or a script meets it: what is on stdout, on stderr, and the exit status."""

from __future__ import annotations

import json
from pathlib import Path

from support.commands import run


def test_the_response_alone_is_on_stdout(project: Path) -> None:
    result = run(project, "invoke", "Hello")
    assert result.returncode == 0
    assert json.loads(json.loads(result.stdout)["body"]) == {"color": "red", "event": {}}
    log = result.stderr.decode()
    for text in (
        "Invoking app.hello (python3.11)",
        "START RequestId: ",
        "hello from stdout",
        "hello from stderr",
        "REPORT",
    ):
        assert text in log
    assert b"hello from" not in result.stdout


def test_an_event_from_a_file_and_from_stdin(project: Path) -> None:
    (project / "event.json").write_text('{"k": "é"}', "utf-8")
    assert json.loads(run(project, "invoke", "Echo", "-e", "event.json").stdout) == {"k": "é"}
    assert json.loads(run(project, "invoke", "Echo", "--event", "-", stdin=b"[1]").stdout) == [1]
    assert json.loads(run(project, "invoke", "Echo", "--no-event").stdout) == {}


def test_characters_beyond_ascii_come_out_as_they_are_and_nothing_after_them(project: Path) -> None:
    printed = run(project, "invoke", "Echo", "-e", "-", stdin='{"k": "é日"}'.encode()).stdout
    assert printed.decode() == '{"k": "é日"}'


def test_variables_from_a_file(project: Path) -> None:
    (project / "env.json").write_text('{"Hello": {"COLOR": "blue"}}')
    result = run(project, "invoke", "Hello", "-n", "env.json", COLOR="green")
    assert json.loads(json.loads(result.stdout)["body"])["color"] == "blue"
    result = run(project, "invoke", "Hello", COLOR="green")
    assert json.loads(json.loads(result.stdout)["body"])["color"] == "green"


def test_a_function_error_is_a_response_and_no_failure(project: Path) -> None:
    result = run(project, "invoke", "Broken")
    assert result.returncode == 0
    assert json.loads(result.stdout)["errorType"] == "ValueError"
    assert b"Traceback" in result.stderr


def test_a_timeout_leaves_stdout_empty(project: Path) -> None:
    result = run(project, "invoke", "Slow")
    assert (result.returncode, result.stdout) == (0, b"")
    assert b"Function 'Slow' timed out after 1 seconds" in result.stderr


def test_the_outcome_as_json(project: Path) -> None:
    outcome = json.loads(run(project, "invoke", "Slow", "--json").stdout)
    assert outcome["functionError"] == "Unhandled"
    assert outcome["payload"]["errorType"] == "Sandbox.Timedout"
    outcome = json.loads(run(project, "invoke", "Echo", "--json", "-e", "-", stdin=b"1").stdout)
    assert (outcome["payload"], outcome["functionError"]) == (1, None)


def test_logs_can_go_to_a_file(project: Path) -> None:
    result = run(project, "invoke", "Hello", "-l", "function.log")
    assert b"hello from stdout" not in result.stderr
    assert "hello from stdout" in (project / "function.log").read_text()


def test_an_unknown_function_is_told_which_there_are(project: Path) -> None:
    result = run(project, "invoke", "Nope")
    assert (result.returncode, result.stdout) == (1, b"")
    assert result.stderr.decode() == (
        "Error: Function Nope not found in template. The template has: Hello, Echo, Broken, Slow, Half\n"
    )
