"""Imports of the workspace's packages. Who may import whom, import-linter checks (``make lint``)."""

from __future__ import annotations

import tomllib
from graphlib import CycleError, TopologicalSorter

import grimp

from support.functions import ROOT

PACKAGES: list[str] = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["root_packages"]


def test_no_module_imports_itself_by_way_of_others() -> None:
    """Imports within functions count too; those for the type checker alone do not."""
    graph = grimp.build_graph(*PACKAGES, exclude_type_checking_imports=True, cache_dir=None)
    assert len(graph.modules) > 400
    imports = {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}
    try:
        TopologicalSorter(imports).prepare()
    except CycleError as error:
        circle = " imports ".join(reversed(error.args[1]))
        raise AssertionError(f"a circle of imports: {circle}") from None
