"""Files of ``--static-dir``, served at ``/`` as ``sam local start-api`` does. AWS has nothing of the kind."""

from __future__ import annotations

import mimetypes
from pathlib import Path

from lambda_emulator.asgi import Reply


class StaticFiles:
    """Finds files below one folder; never outside of it, symbolic links included."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.resolve()

    def find(self, method: str, path: str) -> Reply | None:
        """The file at that path, or None."""
        if method not in ("GET", "HEAD") or "\0" in path:
            return None
        target = (self._folder / path.lstrip("/")).resolve()
        if not target.is_relative_to(self._folder) or not target.is_file():
            return None
        media_type = mimetypes.guess_type(target.name)[0] or "application/octet-stream"
        return Reply(
            200, target.read_bytes(), [(b"content-type", media_type.encode()), (b"cache-control", b"no-cache")]
        )
