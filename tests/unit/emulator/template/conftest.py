from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def cache_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(autouse=True)
def _own_cache(cache_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reads or writes the user's cache; tests share one, as runs do."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache_folder))
