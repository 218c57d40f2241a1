"""What the commands of one user keep from one start to the next: folders of their own, and files for no other eyes."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


def state_folder(name: str) -> Path:
    """``$XDG_STATE_HOME/stellar/<name>``, which is ``~/.local/state/stellar/<name>``."""
    return Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local/state", "stellar", name)


def write_private(file: Path, content: bytes) -> None:
    """Write a file at once or not at all, as others may read it at any moment; only its user may. Raises OSError."""
    handle, beside = tempfile.mkstemp(dir=file.parent, suffix=".new")  # mkstemp makes it the user's alone
    with os.fdopen(handle, "wb") as opened:
        opened.write(content)
    Path(beside).rename(file)
