"""Defaults from samconfig."""

from __future__ import annotations

from pathlib import Path

import pytest

from lambda_emulator.cli.samconfig import ConfigFileError, read_parameters, write_parameters

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


def test_parameters_are_put_into_a_new_file(folder: Path) -> None:
    path = write_parameters("start-api", [], {"port": 4000, "parameter_overrides": ["A=1"], "host": "::1"})
    assert path.read_text().startswith("version = 0.1\n")
    assert read_parameters("start-api", []) == {"port": 4000, "parameter_overrides": ["A=1"], "host": "::1"}


def test_parameters_leave_the_rest_of_a_file_as_it_is(folder: Path) -> None:
    (folder / "samconfig.toml").write_text(f"# mine\n{TOML}")
    write_parameters("start-api", ["--config-env", "other"], {"port": 5})
    write_parameters("start-api", [], {"port": 6})
    text = (folder / "samconfig.toml").read_text()
    assert text == f"# mine\n{TOML}".replace("4000", "6").replace('"other.yaml"\n', '"other.yaml"\nport = 5\n')
    assert read_parameters("start-api", ["--config-env", "other"]) == {"template_file": "other.yaml", "port": 5}


def test_a_file_that_is_no_toml_is_not_written(folder: Path) -> None:
    (folder / "samconfig.yaml").write_text("default: {}")
    with pytest.raises(ConfigFileError, match=r"samconfig\.yaml is no TOML file"):
        write_parameters("invoke", [], {"event": "e.json"})
