"""Which packages a folder lists, and when an installation of them can be used again."""

from __future__ import annotations

from pathlib import Path

import pytest

from lambda_emulator.dependencies.interpreters import Interpreter
from lambda_emulator.dependencies.requirements import requirements_of

PYTHON = Interpreter("/usr/bin/python3.13", (3, 13))


def key(folder: Path, python: Interpreter = PYTHON) -> str:
    wanted = requirements_of(folder)
    assert wanted is not None
    return wanted.key(python)


def test_a_folder_without_a_list_needs_nothing(tmp_path: Path) -> None:
    assert requirements_of(tmp_path) is None


@pytest.mark.parametrize("text", ["", "\n\n", "# boto3 comes with the runtime\n", "--index-url https://example.org\n"])
def test_a_list_that_asks_for_nothing_needs_nothing(tmp_path: Path, text: str) -> None:
    (tmp_path / "requirements.txt").write_text(text)
    assert requirements_of(tmp_path) is None


def test_a_layers_list_may_lie_where_its_packages_go(tmp_path: Path) -> None:
    (tmp_path / "python").mkdir()
    (tmp_path / "python" / "requirements.txt").write_text("six")
    wanted = requirements_of(tmp_path)
    assert wanted is not None
    assert wanted.file == tmp_path / "python" / "requirements.txt"


def test_the_same_lines_are_the_same_installation_wherever_they_stand(tmp_path: Path) -> None:
    for name, text in (("a", "six==1.17.0\n"), ("b", "\r\n# why\r\nsix==1.17.0  # this one\r\n")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "requirements.txt").write_text(text)
    assert key(tmp_path / "a") == key(tmp_path / "b")


def test_another_line_or_another_python_is_another_installation(tmp_path: Path) -> None:
    file = tmp_path / "requirements.txt"
    file.write_text("six==1.16.0")
    first = key(tmp_path)
    assert key(tmp_path, Interpreter("/usr/bin/python3.12", (3, 12))) != first
    file.write_text("six==1.17.0")
    assert key(tmp_path) != first


@pytest.mark.parametrize("option", ["-r more.txt", "--requirement=more.txt", "-c more.txt", "--constraint more.txt"])
def test_an_edit_of_an_included_file_counts(tmp_path: Path, option: str) -> None:
    (tmp_path / "requirements.txt").write_text(f"six\n{option}\n")
    (tmp_path / "more.txt").write_text("simplejson==1.0")
    first = key(tmp_path)
    (tmp_path / "more.txt").write_text("simplejson==2.0")
    assert key(tmp_path) != first


def test_files_that_include_one_another_are_read_once(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("-r more.txt\n")
    (tmp_path / "more.txt").write_text("-r requirements.txt\nsix\n")
    assert key(tmp_path)


def test_packages_that_lie_beside_the_code_are_not_installed_again(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("Foo.Bar[extra] >= 1\nsix==1.17.0\n")
    (tmp_path / "foo_bar-1.2.dist-info").mkdir()
    assert requirements_of(tmp_path) is not None
    (tmp_path / "six-1.17.0.dist-info").mkdir()
    assert requirements_of(tmp_path) is None
