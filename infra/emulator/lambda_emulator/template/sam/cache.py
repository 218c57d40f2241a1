"""Remembers what the SAM translator made of a template.

Importing the translator takes about a second, most of the time that a command needs to start. What it makes depends
on its input and its version alone, so the result is kept under a hash of both, in the user's cache folder.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

_KEPT_SECONDS = 30 * 24 * 3600
_FORMAT = 1


def cached(template: dict[str, Any], translate: Callable[[dict[str, Any]], dict[str, Any]]) -> dict[str, Any]:
    """``translate(template)``, or what it gave earlier for the same template. Errors are not remembered."""
    text = json.dumps([_FORMAT, version("aws-sam-translator"), template])
    path = _folder() / f"{hashlib.sha256(text.encode()).hexdigest()}.json"
    try:
        known: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        known = translate(template)
        _keep(path, known)
    return known


def _folder() -> Path:
    base = Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser()
    return base / "lambda-local" / "translations"


def _keep(path: Path, translated: dict[str, Any]) -> None:
    """Write the file in one step, and drop the oldest. A full or read-only disk only costs the time saved."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        for old in path.parent.glob("*.json"):
            if old.stat().st_mtime < time.time() - _KEPT_SECONDS:
                old.unlink(missing_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False, encoding="utf-8") as file:
            json.dump(translated, file)
        Path(file.name).replace(path)
    except OSError:
        return
