"""Where the code of a function or layer lies on this machine: a folder, a zip file, or text in the template."""

from __future__ import annotations

import atexit
import hashlib
import shutil
import tempfile
import zipfile
from functools import cache
from pathlib import Path


class CodeError(ValueError):
    """Code that the template names and that is not there, or cannot be unpacked."""


def local_folder(root: Path, location: str) -> Path:
    """The folder of ``location``, relative to ``root``. Raises CodeError.

    A zip file is unpacked first. Any other file is the only one in a folder of its own, as packaging zips it.
    """
    path = (root / location).resolve()
    if path.is_dir():
        return path
    if not path.exists():
        raise CodeError(f"{location} does not exist ({path})")
    if not zipfile.is_zipfile(path):
        return _folder_of_file(path)
    folder = _scratch() / hashlib.sha256(f"{path}:{path.stat().st_mtime_ns}".encode()).hexdigest()[:16]
    if not folder.exists():
        with zipfile.ZipFile(path) as archive:
            archive.extractall(folder)
    return folder


def _folder_of_file(path: Path) -> Path:
    folder = _scratch() / hashlib.sha256(f"{path}".encode()).hexdigest()[:16]
    folder.mkdir(exist_ok=True)
    link = folder / path.name
    if not link.is_symlink():
        link.symlink_to(path)
    return folder


def inline_folder(source: str) -> Path:
    """A folder with ``source`` as its ``index.py``, as Lambda lays out inline code."""
    folder = _scratch() / hashlib.sha256(source.encode()).hexdigest()[:16]
    folder.mkdir(exist_ok=True)
    (folder / "index.py").write_text(source, encoding="utf-8")
    return folder


@cache
def _scratch() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="lambda-code-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder
