"""Notices that a function's code was edited."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from watchfiles import Change, awatch

from emulator.stack import Function

_GATHER_MS = 50  # an editor's several writes become one change if they are closer than this
_GATHER_LIMIT_MS = 400
_MISSING_POLL_SECONDS = 0.2
_IGNORED_FOLDERS = {"__pycache__", "node_modules"}
_IGNORED_ENDINGS = (".pyc", ".pyo", ".swp", ".swx", ".tmp", ".log", "~")


def code_folders(function: Function) -> tuple[Path, ...]:
    """Where a function's code is: its own, then its layers'."""
    return (function.code_dir, *function.layer_dirs)


async def watch_code(
    folders: Iterable[Path], on_change: Callable[[frozenset[Path]], None], stop: asyncio.Event
) -> None:
    """Call ``on_change`` with the changed files of ``folders`` until ``stop`` is set.

    A folder that is deleted and made anew (as ``sam build`` does) is reported as changed itself.
    """
    roots = sorted({folder.resolve() for folder in folders if folder.is_dir()})
    if not roots:
        return

    def relevant(_: Change, path: str) -> bool:
        return any(is_source(Path(path), root) for root in roots)

    while not stop.is_set():
        before = _identities(roots)
        async for changes in awatch(
            *roots,
            watch_filter=relevant,
            step=_GATHER_MS,
            debounce=_GATHER_LIMIT_MS,
            stop_event=stop,
            ignore_permission_denied=True,
        ):
            changed = frozenset(Path(path) for _, path in changes)
            if _identities(roots) != before:
                break
            on_change(changed)
        while not stop.is_set() and not all(root.is_dir() for root in roots):
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), _MISSING_POLL_SECONDS)
        after = _identities(roots)
        if not stop.is_set():
            on_change(frozenset(root for root in roots if before[root] != after[root]))


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
