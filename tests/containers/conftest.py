from __future__ import annotations

import pytest

from support.docker import require_engine


@pytest.fixture(autouse=True, scope="session")
def engine() -> None:
    """What every test here needs."""
    require_engine()
