"""Notices that a function's code was edited."""

from __future__ import annotations

import asyncio
import logging
import os
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from lambda_emulator.stack import Function

if TYPE_CHECKING:
    from watchfiles import Change

_LOG = logging.getLogger(__name__)

_GATHER_MS = 50  # an editor's several writes become one change if they are closer than this
_GATHER_LIMIT_MS = 400
_LOOK_MS = 250  # how often it is seen to that the folders themselves are still there
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
            try:
                self._watch_these()
            except FileNotFoundError:
                pass  # a folder went away before it was watched
            except (OSError, RuntimeError) as error:  # most often: no inotify watches left
                _LOG.warning("Code is not watched, restart to see edits: %s", error)
                return
            while not all(root.is_dir() for root in self._roots) and not self._stopped.wait(_LOOK_MS / 1000):
                pass
            self._report(self._roots)

    def _watch_these(self) -> None:
        """Report changes until stopped, or until a folder is not the same any more."""
        identities = [_identity(root) for root in self._roots]
        before = self._sources()
        first = True
        from watchfiles import watch  # 50 ms of import: off the way of the first invocation

        changes_ahead = watch(
            *self._roots,
            watch_filter=self._is_relevant,
            step=_GATHER_MS,
            debounce=_GATHER_LIMIT_MS,
            rust_timeout=_LOOK_MS,
            yield_on_timeout=True,
            stop_event=self._stopped,
            ignore_permission_denied=True,
        )
        for changes in changes_ahead:
            if identities != [_identity(root) for root in self._roots]:
                return
            changed = {Path(path) for _, path in changes}
            if first:  # what was edited before the watch had begun
                changed |= {path for path, _ in before ^ self._sources()}
                first = False
            self._report(changed)

    def _sources(self) -> set[tuple[Path, tuple[int, int]]]:
        """Every source file, with the time of its last change and its size."""
        found: set[tuple[Path, tuple[int, int]]] = set()
        for root in self._roots:
            for folder, names, files in os.walk(root):
                if self._stopped.is_set():
                    return found
                names[:] = [name for name in names if not _is_ignored(name)]
                for path in (Path(folder, file) for file in files if not _is_ignored(file)):
                    with suppress(OSError):
                        status = path.stat()
                        found.add((path, (status.st_mtime_ns, status.st_size)))
        return found

    def _is_relevant(self, _: Change, path: str) -> bool:
        return any(is_source(Path(path), root) for root in self._roots)

    def _report(self, changed: Iterable[Path]) -> None:
        files = frozenset(changed)
        if files and not self._stopped.is_set():
            self._loop.call_soon_threadsafe(self._on_change, files)


def is_source(path: Path, root: Path) -> bool:
    """Whether a file under ``root`` is part of the code: not hidden, not a cache, not an editor's scratch."""
    return path.is_relative_to(root) and not any(map(_is_ignored, path.relative_to(root).parts))


def _is_ignored(name: str) -> bool:
    return name.startswith(".") or name in _IGNORED_FOLDERS or name.endswith(_IGNORED_ENDINGS)


def forget_compiled(changed: Iterable[Path]) -> None:
    """Delete the byte code of changed sources.

    Python takes a compiled file for fresh if the source's size and whole second of modification are as recorded, so
    two quick edits can leave the first one's byte code in place of the second's.
    """
    for path in changed:
        if path.suffix == ".py":
            for compiled in (path.parent / "__pycache__").glob(f"{path.stem}.*.pyc"):
                compiled.unlink(missing_ok=True)


def _identity(root: Path) -> tuple[int, int] | None:
    try:
        status = root.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino
