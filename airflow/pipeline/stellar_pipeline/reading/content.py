"""What a file is, by its first bytes and not by its name: its compression, then its format."""

from __future__ import annotations

import bz2
import gzip
import io
import shutil
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO, Any, Literal

import pyarrow as pa

from stellar_pipeline.reading.errors import CatalogueError

Kind = Literal["parquet", "fits", "votable", "jsonl", "text"]

HEAD = 64 << 10
"""Bytes that are looked at."""

_PACKED = {b"\x1f\x8b": "gzip", b"BZh": "bzip2", b"\x28\xb5\x2f\xfd": "zstd", b"PK\x03\x04": "zip"}
_FOREIGN = {
    b"\x89PNG": "a PNG picture",
    b"%PDF": "a PDF document",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook",
    b"\x89HDF": "an HDF5 file",
    b"7z\xbc\xaf": "a 7z archive",
    b"\xfd7zXZ": "xz-compressed",
    b"Rar!": "a RAR archive",
    b"ORC": "an ORC file",
    b"Obj\x01": "an Avro file",
    b"SQLite format 3": "an SQLite data base",
}
_TAKEN = "CSV, JSON Lines, Parquet, FITS, VOTable and ECSV are read, also as .gz, .bz2, .zst and .zip"


@contextmanager
def opened(path: Path, name: str) -> Iterator[tuple[Kind, IO[bytes], bytes]]:
    """The unpacked content as a stream at its beginning, what it is, and its first bytes.

    Parquet, FITS and VOTable come as files that can be sought in. Raises CatalogueError, OSError.
    """
    with ExitStack() as stack:
        raw = stack.enter_context(path.open("rb"))
        stream = _unpacked(stack, raw, name)
        head = _head(stream, name)
        kind = _kind(head, name)
        whole: Any = raw if stream is raw else io.BufferedReader(_Rejoined(head, stream), 1 << 20)
        if whole is raw:
            raw.seek(0)
        elif kind in ("parquet", "fits", "votable"):
            spool = stack.enter_context(NamedTemporaryFile(prefix="stellar-", suffix=f".{kind}"))
            with _told(name):
                shutil.copyfileobj(whole, spool, 1 << 20)
            spool.flush()
            whole = stack.enter_context(Path(spool.name).open("rb"))
        with _told(name):
            yield kind, whole, head


@contextmanager
def _told(name: str) -> Iterator[None]:
    try:
        yield
    except (EOFError, zlib.error, zipfile.BadZipFile, _DamagedError) as error:
        raise CatalogueError(f"{name} is damaged: it cannot be unpacked to its end ({error})") from None


class _DamagedError(Exception):
    """What is read cannot be unpacked."""


class _Rejoined(io.RawIOBase):
    """A stream whose beginning was read already."""

    def __init__(self, head: bytes, rest: IO[bytes]) -> None:
        self._head, self._rest = head, rest

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        size = len(buffer)
        if self._head:
            part, self._head = self._head[:size], self._head[size:]
        else:
            try:
                part = bytes(self._rest.read(size))
            except (OSError, pa.ArrowException) as error:
                raise _DamagedError(error) from None
        buffer[: len(part)] = part
        return len(part)


def _unpacked(stack: ExitStack, raw: IO[bytes], name: str) -> IO[bytes]:
    start = raw.read(4)
    raw.seek(0)
    packed = next((kind for mark, kind in _PACKED.items() if start.startswith(mark)), None)
    if packed == "gzip":
        return stack.enter_context(gzip.open(raw))  # type: ignore[arg-type]
    if packed == "bzip2":
        return stack.enter_context(bz2.open(raw))
    if packed == "zstd":
        return stack.enter_context(pa.CompressedInputStream(pa.PythonFile(raw, "r"), "zstd"))
    if packed == "zip":
        try:
            archive = stack.enter_context(zipfile.ZipFile(raw))
        except zipfile.BadZipFile as error:
            raise CatalogueError(f"{name} is damaged: it cannot be unpacked ({error})") from None
        members = [m for m in archive.infolist() if not m.is_dir() and not m.filename.startswith("__MACOSX/")]
        if any(m.filename == "[Content_Types].xml" for m in members):
            raise CatalogueError(f"{name} is an Excel workbook: save the sheet as CSV. {_TAKEN}")
        if len(members) != 1:
            inside = ", ".join(m.filename for m in members[:10]) or "nothing"
            raise CatalogueError(f"{name} holds {inside}: unpack it, and give the file or the folder")
        if members[0].flag_bits & 1:
            raise CatalogueError(f"{name} is encrypted: unpack it, and give the file")
        return stack.enter_context(archive.open(members[0]))
    return raw


def _head(stream: IO[bytes], name: str) -> bytes:
    try:
        parts: list[bytes] = []
        while (have := sum(map(len, parts))) < HEAD and (part := stream.read(HEAD - have)):
            parts.append(bytes(part))
    except (OSError, EOFError, zlib.error, zipfile.BadZipFile, pa.ArrowException) as error:
        raise CatalogueError(f"{name} is damaged: it cannot be unpacked ({error})") from None
    return b"".join(parts)


def _kind(head: bytes, name: str) -> Kind:
    if not head.strip():
        raise CatalogueError(f"{name} is empty")
    if head.startswith(b"PAR1"):
        return "parquet"
    if head.startswith(b"SIMPLE  ="):
        return "fits"
    for mark, what in _FOREIGN.items():
        if head.startswith(mark):
            raise CatalogueError(f"{name} is {what}. {_TAKEN}")
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "text"
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:2000].lower()
    if b"<votable" in start:
        return "votable"
    if start.startswith((b"<!doctype", b"<html", b"<?xml")):
        raise CatalogueError(f"{name} is a web page or another XML document, not a table: was the download refused?")
    if b"\0" in head and not _may_be_utf16(head):
        raise CatalogueError(f"{name} is a binary file of an unknown kind. {_TAKEN}")
    return "jsonl" if start.startswith((b"{", b"[")) else "text"


def _may_be_utf16(head: bytes) -> bool:
    """Whether every other byte is zero, as in UTF-16 without a byte order mark."""
    few, many = sorted((head[::2].count(0), head[1::2].count(0)))
    return few == 0 and many > 0.7 * len(head[1::2])
