"""Installations, each made once and kept: by whichever process asks first, while the others wait for it.

They lie under ``$LAMBDA_EMULATOR_CACHE``, else ``lambda-emulator`` in the user's cache folder. A folder there is whole:
it is filled under another name and then renamed.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from lambda_emulator.dependencies.errors import DependencyError

_POLL_SECONDS = 0.1  # how often it is asked whether another process has done it


def cache_folder(host: Mapping[str, str] = os.environ) -> Path:
    """Where installations are kept."""
    if own := host.get("LAMBDA_EMULATOR_CACHE"):
        return Path(own).absolute()
    home = Path(host.get("HOME") or Path.home())
    return Path(host.get("XDG_CACHE_HOME") or home / ".cache").absolute() / "lambda-emulator"


class Cache:
    """Folders by key."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def find(self, key: str) -> Path | None:
        """The folder of that key, if it is there."""
        folder = self._root / key
        return folder if folder.is_dir() and folder.stat().st_uid == os.getuid() else None

    async def make(self, key: str, fill: Callable[[Path], Awaitable[None]]) -> Path:
        """The folder of that key; ``fill`` fills a new one, unless another process does so meanwhile.

        Whatever ``fill`` raises, cancellation included, leaves nothing behind. Raises DependencyError.
        """
        try:
            self._root.mkdir(mode=0o700, parents=True, exist_ok=True)
            async with _locked(self._root / f"{key}.lock"):
                if found := self.find(key):
                    return found
                unfinished = self._root / f"{key}.part"
                shutil.rmtree(unfinished, ignore_errors=True)  # of a process that was killed
                unfinished.mkdir()
                try:
                    await fill(unfinished)
                    return unfinished.rename(self._root / key)
                finally:
                    shutil.rmtree(unfinished, ignore_errors=True)
        except OSError as error:
            raise DependencyError(
                f"the cache {self._root} cannot be written ({error.strerror}); LAMBDA_EMULATOR_CACHE names another"
            ) from None


@asynccontextmanager
async def _locked(path: Path) -> AsyncIterator[None]:
    """Hold the lock, which the kernel frees however its process ends."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                await asyncio.sleep(_POLL_SECONDS)
        yield
    finally:
        os.close(descriptor)
