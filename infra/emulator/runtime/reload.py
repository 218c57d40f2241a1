"""Notices that a function's code was edited."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from emulator.stack import Function

if TYPE_CHECKING:
    from watchfiles import Change

_GATHER_MS = 50  # an editor's several writes become one change if they are closer than this
_GATHER_LIMIT_MS = 400
_MISSING_POLL_SECONDS = 0.2
_IGNORED_FOLDERS = {"__pycache__", "node_modules"}
_IGNORED_ENDINGS = (".pyc", ".pyo", ".swp", ".swx", ".tmp", ".log", "~")


def code_folders(function: Function) -> tuple[Path, ...]:
    """Where a function's code is: its own, then its layers'."""
    return (function.code_dir, *function.layer_dirs)


class CodeWatcher:
    """Calls ``on_change`` on the event loop with the changed files of ``folders``, from ``start`` to ``close``.

    If a folder is deleted and made anew (as ``sam build`` does), all folders are reported as changed. Watching takes a
    thread: looking through a large folder at the start would hold up the event loop.
    """

    def __init__(self, folders: Iterable[Path], on_change: Callable[[frozenset[Path]], None]) -> None:
        self._roots = sorted({folder.resolve() for folder in folders if folder.is_dir()})
        self._on_change = on_change
        self._stopped = threading.Event()
        self._loop = asyncio.get_running_loop()
        self._watching: asyncio.Future[None] | None = None

    def start(self) -> None:
        if self._roots:
            self._watching = self._loop.run_in_executor(None, self._watch)

    async def close(self) -> None:
        """Stop watching; no call of ``on_change`` comes after."""
        self._stopped.set()
        if self._watching is not None:
            await self._watching

    def _watch(self) -> None:
        while not self._stopped.is_set():
            self._watch_these(_identities(self._roots))
            while not all(root.is_dir() for root in self._roots) and not self._stopped.wait(_MISSING_POLL_SECONDS):
                pass
            self._report(self._roots)

    def _watch_these(self, identities: Mapping[Path, object]) -> None:
        """Report changes until stopped, or until a folder is not the same any more."""
        from watchfiles import watch  # 50 ms of import: off the way of the first invocation

        changes_ahead = watch(
            *self._roots,
            watch_filter=self._is_relevant,
            step=_GATHER_MS,
            debounce=_GATHER_LIMIT_MS,
            stop_event=self._stopped,
            ignore_permission_denied=True,
        )
        for changes in changes_ahead:
            if _identities(self._roots) != identities:
                return
            self._report(Path(path) for _, path in changes)

    def _is_relevant(self, _: Change, path: str) -> bool:
        return any(is_source(Path(path), root) for root in self._roots)

    def _report(self, changed: Iterable[Path]) -> None:
        files = frozenset(changed)
        if files and not self._stopped.is_set():
            self._loop.call_soon_threadsafe(self._on_change, files)


def is_source(path: Path, root: Path) -> bool:
    """Whether a file under ``root`` is part of the code: not hidden, not a cache, not an editor's scratch."""
    if not path.is_relative_to(root):
        return False
    parts = path.relative_to(root).parts
    if any(part.startswith(".") or part in _IGNORED_FOLDERS for part in parts):
        return False
    return not path.name.endswith(_IGNORED_ENDINGS)


def forget_compiled(changed: Iterable[Path]) -> None:
    """Delete the byte code of changed sources.

    Python takes a compiled file for fresh if the source's size and whole second of modification are as recorded, so
    two quick edits can leave the first one's byte code in place of the second's.
    """
    for path in changed:
        if path.suffix == ".py":
            for compiled in (path.parent / "__pycache__").glob(f"{path.stem}.*.pyc"):
                compiled.unlink(missing_ok=True)


def _identities(roots: Iterable[Path]) -> Mapping[Path, tuple[int, int] | None]:
    def identity(root: Path) -> tuple[int, int] | None:
        try:
            status = root.stat()
        except OSError:
            return None
        return status.st_dev, status.st_ino

    return {root: identity(root) for root in roots}
