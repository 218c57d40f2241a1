"""The functions in this process, with a small model of the tests' own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from stellar.settings import Settings
from support import artefact
from support.functions import load_function

Loaded = Callable[[str], Any]


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Loaded:
    """Loads the ``app`` module of a function."""
    folder: Path = artefact.write(tmp_path_factory.mktemp("models") / "v1", "test-1")

    @contextmanager
    def load(name: str) -> Iterator[ModuleType]:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("POWERTOOLS_TRACE_DISABLED", "true")
            patch.setattr(Settings, "from_environment", classmethod(lambda cls: cls(default_dir=folder)))
            with load_function(name) as app:
                yield app

    return load
