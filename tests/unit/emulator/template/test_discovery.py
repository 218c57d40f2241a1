"""Which template is used: the one that is named, the one that is there, or what sam build made of it."""

import os
import sys
from pathlib import Path

import pytest

from lambda_emulator.template import TemplateError, find_template
from support.templates import write

TEMPLATE = """
Globals: {Function: {CodeUri: shared}}
Resources:
  Hello: {Type: AWS::Serverless::Function, Properties: {CodeUri: src}}
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project that was built after its last change."""
    template = write(tmp_path, TEMPLATE)
    built = tmp_path / ".aws-sam" / "build" / "template.yaml"
    built.parent.mkdir(parents=True)
    built.write_text(TEMPLATE)
    for path in (template, tmp_path / "src", tmp_path / "src" / "app.py"):
        os.utime(path, (1_000, 1_000))
    os.utime(built, (2_000, 2_000))
    return tmp_path


@pytest.mark.parametrize("name", ["template.yaml", "template.yml", "template.json"])
def test_the_usual_names(name: str, tmp_path: Path) -> None:
    (tmp_path / name).touch()
    assert find_template(tmp_path) == tmp_path / name


def test_the_named_template_wins_over_everything(project: Path) -> None:
    (project / "other.yaml").write_text("{}")
    assert find_template(project, Path("other.yaml")) == project / "other.yaml"
    assert find_template(Path("/"), project / "other.yaml") == project / "other.yaml"
    assert find_template(project, Path("template.yaml")) == project / "template.yaml"


def test_a_fresh_build_is_used(project: Path) -> None:
    assert find_template(project) == project / ".aws-sam" / "build" / "template.yaml"


@pytest.mark.parametrize("changed", ["template.yaml", "src/app.py", "src/deep/new.py", "shared/new.py"])
def test_a_build_older_than_a_source_is_not_used(changed: str, project: Path) -> None:
    path = project / changed
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    assert find_template(project) == project / "template.yaml"


@pytest.mark.parametrize("changed", ["src/__pycache__/app.pyc", "src/.mypy_cache/x.json", "elsewhere.py"])
def test_what_is_no_source_does_not_make_a_build_old(changed: str, project: Path) -> None:
    path = project / changed
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    assert find_template(project) == project / ".aws-sam" / "build" / "template.yaml"


def test_a_build_for_another_python_is_not_used(project: Path) -> None:
    function = project / ".aws-sam" / "build" / "Hello"
    function.mkdir()
    (function / f"quick.{sys.implementation.cache_tag}-x86_64-linux-gnu.so").touch()
    assert find_template(project) == project / ".aws-sam" / "build" / "template.yaml"
    (function / "quick.cpython-36m-x86_64-linux-gnu.so").touch()
    assert find_template(project) == project / "template.yaml"


def test_a_build_without_its_template_is_used(project: Path) -> None:
    (project / "template.yaml").unlink()
    assert find_template(project) == project / ".aws-sam" / "build" / "template.yaml"


def test_a_template_that_cannot_be_read_is_left_for_the_reader_to_refuse(project: Path) -> None:
    (project / "template.yaml").write_text("a: [")
    os.utime(project / "template.yaml", (1_000, 1_000))
    assert find_template(project) == project / ".aws-sam" / "build" / "template.yaml"


def test_nothing_there(tmp_path: Path) -> None:
    with pytest.raises(TemplateError, match="name the template with -t"):
        find_template(tmp_path)
    with pytest.raises(TemplateError, match="name the template with -t"):
        find_template(tmp_path, Path("other.yaml"))
