"""Functions in this process: each folder's modules have flat names, as in Lambda, and must not meet another's."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).resolve().parents[2]


@contextmanager
def load_function(name: str) -> Iterator[ModuleType]:
    """The ``app`` module of ``functions/<name>``, imported anew; its modules are forgotten afterwards."""
    folder = ROOT / "functions" / name
    flat = {path.stem for path in folder.glob("*.py")}
    for module in flat:
        sys.modules.pop(module, None)
    sys.path.insert(0, str(folder))
    loop = asyncio.new_event_loop()  # Mangum makes one if there is none, and never closes it
    asyncio.set_event_loop(loop)
    try:
        yield import_module("app")
    finally:
        asyncio.set_event_loop(None)
        loop.close()
        sys.path.remove(str(folder))
        for module in flat:
            sys.modules.pop(module, None)
