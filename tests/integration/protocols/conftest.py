"""A running stack for what is asked of all its protocols: one a module, so that none idles beside later tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from support.up import Up


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MODEL_CACHE_DIR", str(tmp_path_factory.mktemp("cache")))
        with Up() as running:
            yield running
