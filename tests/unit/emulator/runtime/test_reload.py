"""Which files are code, and that stale byte code is not taken for new."""

from __future__ import annotations

import importlib.util
import os
import py_compile
from pathlib import Path

import pytest

from lambda_emulator.runtime.reload import forget_compiled, is_source

ROOT = Path("/project/.aws-sam/build/Function")


@pytest.mark.parametrize("name", ["app.py", "deep/in/it.py", "model.onnx", "config.json", "requirements.txt"])
def test_code_and_what_ships_with_it_counts(name):
    assert is_source(ROOT / name, ROOT)


@pytest.mark.parametrize(
    "name",
    [
        "__pycache__/app.cpython-311.pyc",
        ".git/index",
        ".venv/lib/x.py",
        "node_modules/x/index.js",
        ".app.py.swp",
        "app.py~",
        "run.log",
        "deep/.cache/x.py",
        "../Other/app.py",
    ],
)
def test_caches_hidden_files_and_other_folders_do_not_count(name):
    assert not is_source(Path(os.path.normpath(ROOT / name)), ROOT)


def test_byte_code_of_a_changed_source_is_forgotten(tmp_path):
    changed, other = tmp_path / "changed.py", tmp_path / "other.py"
    for source in (changed, other):
        source.write_text("x = 1\n")
        py_compile.compile(str(source))
    forget_compiled([changed, tmp_path / "gone.py", tmp_path / "data.json"])
    assert not Path(importlib.util.cache_from_source(str(changed))).exists()
    assert Path(importlib.util.cache_from_source(str(other))).exists()
