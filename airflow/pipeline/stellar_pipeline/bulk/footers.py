"""Parquet files that can be gone on with: footers of parts joined into the footer of a file that holds them all.

Libraries write a Parquet file in one go; killed before its footer, it is lost. Here every part is a Parquet file of its
own within the file, with the first magic number that all of them share. At the end comes a footer that names the row
groups of all parts, with their offsets moved; until then the parts' own footers say what there is.
"Parquet file format": https://parquet.apache.org/docs/file-format/ and parquet.thrift; "Thrift compact protocol":
https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md
"""

from __future__ import annotations

import io
import struct
from typing import IO, Any

MAGIC = b"PAR1"
_FRAME = 8
"""Bytes behind a footer: its length, and the magic number."""
_TRUE, _FALSE, _BYTE, _DOUBLE, _BINARY, _LIST, _SET, _STRUCT = 1, 2, 3, 7, 8, 9, 10, 12

Struct = list[tuple[int, int, Any]]
"""Fields of a Thrift struct: their number, type and value."""

# Fields of parquet.thrift that are offsets in the file.
_ROW_GROUPS, _ROWS = 4, 3
_COLUMNS, _GROUP_OFFSET, _GROUP_BYTES = 1, 5, 6
_CHUNK_OFFSETS = {2, 4, 6}
_META, _META_OFFSETS = 3, {9, 10, 11, 14}


class Part(io.RawIOBase):
    """Where a library writes a part: the end of a file, without the first magic number."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file, self._written = file, 0

    def writable(self) -> bool:
        return True

    def write(self, content: Any) -> int:
        skipped = max(0, len(MAGIC) - self._written)
        self._file.write(memoryview(content)[skipped:])
        self._written += len(content)
        return len(content)

    def tell(self) -> int:
        return self._written


class Footer:
    """The footer of a file that grows. ``rows`` is how many its row groups hold."""

    def __init__(self) -> None:
        self._frame: Struct = []
        self._groups: list[bytes] = []
        self.rows = 0

    @classmethod
    def read(cls, file: IO[bytes], length: int) -> Footer:
        """That of the parts in a file of that length. Raises ValueError where one is not whole."""
        parts: list[tuple[int, Struct]] = []
        while length > len(MAGIC):
            content, fields = _last(file, length)
            groups = next(value[1] for number, _, value in fields if number == _ROW_GROUPS)
            length -= content + sum(value for group in groups for number, _, value in group if number == _GROUP_BYTES)
            parts.append((length, fields))
        made = cls()
        for start, fields in reversed(parts):
            made._join(fields, start - len(MAGIC))
        return made

    def append(self, file: IO[bytes], start: int, end: int) -> None:
        """Take up the part that was written to the file from ``start`` to ``end``. Raises ValueError."""
        self._join(_last(file, end)[1], start - len(MAGIC))

    def encode(self) -> bytes:
        """What ends the file for now."""
        frame = [(number, kind, self.rows if number == _ROWS else value) for number, kind, value in self._frame]
        content = _encode_struct(frame, {_ROW_GROUPS: self._groups})
        return content + struct.pack("<I", len(content)) + MAGIC

    def _join(self, footer: Struct, shift: int) -> None:
        values = {number: value for number, _, value in footer}
        for group in values[_ROW_GROUPS][1]:
            self._groups.append(_encode_struct(_moved(group, shift)))
        self.rows += values[_ROWS]
        if not self._frame:
            self._frame = footer


def _moved(group: Struct, shift: int) -> Struct:
    def chunk(fields: Struct) -> Struct:
        return [
            (n, k, _shift(v, _META_OFFSETS, shift))
            if n == _META
            else (n, k, v + shift if n in _CHUNK_OFFSETS and v else v)
            for n, k, v in fields
        ]

    return [
        (n, k, (v[0], [chunk(each) for each in v[1]]))
        if n == _COLUMNS
        else (n, k, v + shift if n == _GROUP_OFFSET and v else v)
        for n, k, v in group
    ]


def _shift(fields: Struct, offsets: set[int], shift: int) -> Struct:
    return [(n, k, v + shift if n in offsets else v) for n, k, v in fields]


def _last(file: IO[bytes], end: int) -> tuple[int, Struct]:
    """The footer that ends there, and its length in bytes with what frames it."""
    file.seek(end - _FRAME)
    frame = file.read(_FRAME)
    length = struct.unpack("<I", frame[:4])[0]
    if frame[4:] != MAGIC or length > end - _FRAME:
        raise ValueError("no Parquet footer")
    file.seek(end - _FRAME - length)
    return length + _FRAME, _Reader(file.read(length)).struct()


class _Reader:
    def __init__(self, content: bytes) -> None:
        self._content, self._at = content, 0

    def struct(self) -> Struct:
        fields: Struct = []
        number = 0
        while byte := self._byte():
            kind, delta = byte & 15, byte >> 4
            number = number + delta if delta else self._int()
            fields.append((number, kind, None if kind in (_TRUE, _FALSE) else self._value(kind)))
        return fields

    def _value(self, kind: int) -> Any:
        if kind == _STRUCT:
            return self.struct()
        if kind in (_LIST, _SET):
            head = self._byte()
            count, element = head >> 4, head & 15
            count = self._varint() if count == 15 else count
            return element, [self._byte() if element in (_TRUE, _FALSE) else self._value(element) for _ in range(count)]
        if kind == _BINARY:
            return self._take(self._varint())
        if kind == _DOUBLE:
            return self._take(8)
        return self._byte() if kind == _BYTE else self._int()

    def _byte(self) -> int:
        self._at += 1
        return self._content[self._at - 1]

    def _take(self, count: int) -> bytes:
        self._at += count
        return self._content[self._at - count : self._at]

    def _varint(self) -> int:
        value = shift = 0
        while True:
            byte = self._byte()
            value |= (byte & 127) << shift
            if byte < 128:
                return value
            shift += 7

    def _int(self) -> int:
        value = self._varint()
        return (value >> 1) ^ -(value & 1)


def _encode_struct(fields: Struct, ready: dict[int, list[bytes]] | None = None) -> bytes:
    """``ready`` has the elements of lists that are encoded already, by the field's number."""
    out, last = bytearray(), 0
    for number, kind, value in fields:
        delta = number - last
        out += bytes([delta << 4 | kind]) if 0 < delta < 16 else bytes([kind]) + _zigzag(number)
        last = number
        if ready and number in ready:
            out += _list_head(_STRUCT, len(ready[number])) + b"".join(ready[number])
        elif kind not in (_TRUE, _FALSE):
            out += _encode(kind, value)
    return bytes(out) + b"\0"


def _encode(kind: int, value: Any) -> bytes:
    if kind == _STRUCT:
        return _encode_struct(value)
    if kind in (_LIST, _SET):
        element, values = value
        each = (bytes([v]) if element in (_TRUE, _FALSE) else _encode(element, v) for v in values)
        return _list_head(element, len(values)) + b"".join(each)
    if kind == _BINARY:
        return _varint(len(value)) + bytes(value)
    if kind == _DOUBLE:
        return bytes(value)
    return bytes([value]) if kind == _BYTE else _zigzag(value)


def _list_head(element: int, count: int) -> bytes:
    return bytes([count << 4 | element]) if count < 15 else bytes([0xF0 | element]) + _varint(count)


def _zigzag(value: int) -> bytes:
    return _varint(((value << 1) ^ (value >> 63)) & (1 << 64) - 1)


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes([*out, value])
