"""Parameter overrides, variable files and events."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import pytest

from lambda_emulator.cli.inputs import (
    InputError,
    ParameterOverrides,
    read_container_variables,
    read_event,
    read_variables,
)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("A=1", {"A": "1"}),
        ("A=1 B=2", {"A": "1", "B": "2"}),
        ('A="one two" B=2', {"A": "one two", "B": "2"}),
        ("A=one two", {"A": "one two"}),
        ("A=x=y", {"A": "x=y"}),
        ("ParameterKey=A,ParameterValue=1 ParameterKey=B,ParameterValue=2", {"A": "1", "B": "2"}),
        (["A=1", {"B": True, "C": ["x", 2]}, ["D=4"]], {"A": "1", "B": "true", "C": "x,2", "D": "4"}),
    ],
)
def test_parameter_overrides(given: Any, expected: dict[str, str]) -> None:
    assert ParameterOverrides().convert(given, None, None) == expected


def test_parameter_overrides_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "parameters.yaml"
    path.write_text("A: 1\nB: two words\n")
    assert ParameterOverrides().convert(f"file://{path}", None, None) == {"A": "1", "B": "two words"}


def test_parameter_files_include_others_relative_to_themselves(tmp_path: Path) -> None:
    (tmp_path / "more").mkdir()
    (tmp_path / "main.yaml").write_text("$include: [file://more/a.toml, more/b.json]\nA: mine\nL: [1, 2]\n")
    (tmp_path / "more" / "a.toml").write_text('"$include" = "c.yaml"\nA = "toml"\nFlag = true\nMoment = 2024-01-02\n')
    (tmp_path / "more" / "b.json").write_text('{"B": 2}')
    (tmp_path / "more" / "c.yaml").write_text("- C=3\n- Flag=no\n")
    assert ParameterOverrides().convert(f"file://{tmp_path / 'main.yaml'}", None, None) == {
        "A": "mine",
        "B": "2",
        "C": "3",
        "Flag": "true",
        "L": "1,2",
        "Moment": "2024-01-02",
    }


def test_a_parameter_file_that_includes_itself_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("$include: a.yaml\n")
    with pytest.raises(click.BadParameter, match="includes itself"):
        ParameterOverrides().convert(f"file://{path}", None, None)


@pytest.mark.parametrize("given", ["A", "=1", "file:///nowhere.yaml"])
def test_parameter_overrides_that_cannot_be_read(given: str) -> None:
    with pytest.raises(click.BadParameter):
        ParameterOverrides().convert(given, None, None)


def test_variables_from_json_and_from_dotenv(tmp_path: Path) -> None:
    path = tmp_path / "env.json"
    path.write_text('{"Parameters": {"A": 1}, "Hello": {"B": "2"}}')
    assert read_variables(path) == {"Parameters": {"A": "1"}, "Hello": {"B": "2"}}
    path.write_text("# comment\n\nexport A='one two'\nB=2\n")
    assert read_variables(path) == {"Parameters": {"A": "one two", "B": "2"}}


def test_container_variables_are_for_every_function_or_named(tmp_path: Path) -> None:
    path = tmp_path / "container.json"
    path.write_text('{"DEBUGGER": "on", "LEVEL": 2}')
    assert read_container_variables(path) == {"Parameters": {"DEBUGGER": "on", "LEVEL": "2"}}
    path.write_text('{"Hello": {"LEVEL": 2}}')
    assert read_container_variables(path) == {"Hello": {"LEVEL": "2"}}
    path.write_text('{"Hello": ["x"]}')
    with pytest.raises(InputError):
        read_container_variables(path)


def test_variables_may_begin_with_a_byte_order_mark(tmp_path: Path) -> None:
    path = tmp_path / "env.json"
    path.write_text('{"Hello": {"A": "1"}}', "utf-8-sig")
    assert read_variables(path) == {"Hello": {"A": "1"}}
    path.write_text('{"A": "1"}', "utf-8-sig")
    assert read_container_variables(path) == {"Parameters": {"A": "1"}}
    path.write_text("A=1\n", "utf-8-sig")
    assert read_variables(path) == {"Parameters": {"A": "1"}}


def test_variables_that_are_tables_or_lists_are_empty_as_in_sam(tmp_path: Path) -> None:
    path = tmp_path / "env.json"
    path.write_text('{"Hello": {"A": {"Ref": "B"}, "C": [1], "D": null, "E": false}}')
    assert read_variables(path) == {"Hello": {"A": "", "C": "", "D": "", "E": "false"}}


@pytest.mark.parametrize(
    "content", [b'{"A": 1}', b"[1]", b"{", b"no variables here", b"1A=2", b'{"A": "\xff"}', b"\xff"]
)
def test_variables_that_cannot_be_read(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "env"
    path.write_bytes(content)
    with pytest.raises(InputError, match="env"):
        read_variables(path)


def test_an_event(tmp_path: Path) -> None:
    path = tmp_path / "event.json"
    path.write_text('{"k": "é"}\n', "utf-8")
    assert read_event(str(path)) == '{"k": "é"}'.encode()
    assert read_event(None) == b"{}"
    path.write_text("")
    assert read_event(str(path)) == b"{}"
    path.write_text("{k}")
    with pytest.raises(InputError, match="is not JSON"):
        read_event(str(path))
    with pytest.raises(InputError, match=r"nothing\.json"):
        read_event(str(tmp_path / "nothing.json"))
