"""What every package of the workspace has, and how it finds its files."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from support.functions import ROOT

WORKSPACE = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["uv"]["workspace"]["members"]
MEMBERS = [ROOT / member for member in WORKSPACE]


def packages_of(member: Path) -> list[Path]:
    settings = tomllib.loads((member / "pyproject.toml").read_text())
    return [member / name for name in settings["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]]


@pytest.mark.parametrize("member", MEMBERS, ids=lambda member: member.name)
def test_a_member_has_a_readme_and_types(member: Path) -> None:
    assert (member / "README.md").read_text().startswith("# ")
    for package in packages_of(member):
        assert (package / "py.typed").is_file()


@pytest.mark.parametrize("member", MEMBERS, ids=lambda member: member.name)
def test_a_package_finds_no_file_by_counting_folders_upwards(member: Path) -> None:
    """In a wheel those above are others'. ``importlib.resources`` finds what is inside."""
    sources = [
        source
        for package in packages_of(member)
        for source in package.rglob("*.py")
        if "bundled" not in source.relative_to(package).parts
    ]
    assert sources
    assert [source for source in sources if ".parents[" in source.read_text(encoding="utf-8")] == []


def test_the_dags_find_no_file_by_counting_folders_upwards() -> None:
    """Airflow may have them in a folder of its own."""
    sources = list((ROOT / "airflow/dags").rglob("*.py"))
    assert sources
    assert [source for source in sources if ".parents[" in source.read_text(encoding="utf-8")] == []
