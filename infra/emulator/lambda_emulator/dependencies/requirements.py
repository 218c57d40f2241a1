"""The files that list packages, and what they come to.

A function's is ``requirements.txt`` in its folder. A layer's is there too, or under ``python/``, where its packages go.
"""

from __future__ import annotations

import hashlib
import platform
import re
from dataclasses import dataclass
from pathlib import Path

from lambda_emulator.dependencies.interpreters import Interpreter

FILE = "requirements.txt"

_INCLUDED = re.compile(r"(?:-r|-c|--requirement|--constraint)[ =]*(\S+)")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_COMMENT = re.compile(r"(?:^|\s)#.*")
_FORMAT = b"1"  # of the installations; another one makes all of them anew


@dataclass(frozen=True, slots=True)
class Requirements:
    """A file that lists packages, with what it includes."""

    file: Path
    content: bytes

    def key(self, python: Interpreter) -> str:
        """Names what is installed: the same lines, for the same Python and architecture, are the same packages."""
        parts = (_FORMAT, python.name.encode(), platform.machine().encode(), self.content)
        return hashlib.sha256(b"\0".join(parts)).hexdigest()[:32]


def requirements_of(folder: Path) -> Requirements | None:
    """What a function's or layer's folder lists and does not have, or None.

    Where all of it lies beside the code (vendored, or by ``sam build``), nothing is to be installed.
    """
    for place in (folder, folder / "python"):
        file = place / FILE
        if file.is_file():
            lines, content = _read(file, set())
            if lines and not _has_all(lines, (folder, folder / "python")):
                return Requirements(file, content)
            return None
    return None


def _read(file: Path, seen: set[Path]) -> tuple[list[str], bytes]:
    """The lines that ask for something, of the file and those it includes, and all that decides what they come to."""
    if file.resolve() in seen:
        return [], b""
    seen.add(file.resolve())
    try:
        text = file.read_bytes().decode("utf-8-sig", errors="replace")
    except OSError:
        return [], b""  # uv says what is wrong with it
    lines: list[str] = []
    content: list[bytes] = []
    for line in text.replace("\\\r\n", " ").replace("\\\n", " ").splitlines():
        line = _COMMENT.sub("", line).strip()
        if not line:
            continue
        content.append(line.encode())
        if included := _INCLUDED.match(line):
            below, inner = _read(file.parent / included[1], seen)
            lines += below if line.startswith(("-r", "--r")) else []
            content.append(inner)
        elif not line.startswith("--"):
            lines.append(line)
    return lines, b"\n".join(content)


def _has_all(lines: list[str], places: tuple[Path, ...]) -> bool:
    there = {_plain(metadata.name.partition("-")[0]) for place in places for metadata in place.glob("*.dist-info")}
    if not there:
        return False
    names = [_NAME.match(line) for line in lines]
    return all(name is not None and _plain(name[0]) in there for name in names)


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
