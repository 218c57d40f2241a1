"""Defaults from samconfig."""

from __future__ import annotations

from pathlib import Path

import pytest

from lambda_emulator.cli.samconfig import ConfigFileError, read_parameters

TOML = """
version = 0.1
[default.global.parameters]
region = "eu-west-1"
port = 1
[default.local_start_api.parameters]
port = 4000
warm_containers = "EAGER"
[other.local_start_api.parameters]
template = "other.yaml"
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_command_s_own_table_wins_over_the_global_one(folder: Path) -> None:
    (folder / "samconfig.toml").write_text(TOML)
    assert read_parameters("start-api", []) == {"region": "eu-west-1", "port": 4000, "warm_containers": "EAGER"}
    assert read_parameters("start-lambda", []) == {"region": "eu-west-1", "port": 1}
    assert read_parameters("start-api", ["--config-env", "other"]) == {"template_file": "other.yaml"}
    assert read_parameters("start-api", ["--config-env=missing"]) == {}


def test_it_is_looked_for_beside_the_template(folder: Path) -> None:
    (folder / "app").mkdir()
    (folder / "app" / "samconfig.yaml").write_text("default: {local_invoke: {parameters: {event: e.json}}}")
    assert read_parameters("invoke", []) == {}
    assert read_parameters("invoke", ["-t", "app/template.yaml"]) == {"event": "e.json"}


def test_a_file_named_on_the_command_line_must_be_there(folder: Path) -> None:
    with pytest.raises(ConfigFileError, match=r"mine\.toml does not exist"):
        read_parameters("invoke", ["--config-file", "mine.toml"])


@pytest.mark.parametrize("text", ["not = = toml", "[default]\nlocal_invoke = 1"])
def test_a_file_that_cannot_be_read_is_named(folder: Path, text: str) -> None:
    (folder / "samconfig.toml").write_text(text)
    with pytest.raises(ConfigFileError, match=r"samconfig\.toml"):
        read_parameters("invoke", [])
