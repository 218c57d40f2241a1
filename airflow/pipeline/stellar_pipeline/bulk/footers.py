"""Parquet files that can be gone on with: footers of parts joined into the footer of a file that holds them all.

Libraries write a Parquet file in one go; killed before its footer, it is lost. Here every part is a Parquet file of its
own in memory, whose row groups are appended, with their offsets moved, before a footer that names all of them.
"Parquet file format": https://parquet.apache.org/docs/file-format/ and parquet.thrift; "Thrift compact protocol":
https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md
"""

from __future__ import annotations

import struct
from typing import Any

MAGIC = b"PAR1"
_TRUE, _FALSE, _BYTE, _DOUBLE, _BINARY, _LIST, _SET, _STRUCT = 1, 2, 3, 7, 8, 9, 10, 12

Struct = list[tuple[int, int, Any]]
"""Fields of a Thrift struct: their number, type and value."""

# Fields of parquet.thrift that are offsets in the file.
_ROW_GROUPS, _ROWS = 4, 3
_COLUMNS, _GROUP_OFFSET = 1, 5
_CHUNK_OFFSETS = {2, 4, 6}
_META, _META_OFFSETS = 3, {9, 10, 11, 14}


class Footer:
    """The footer of a file that grows. ``rows`` is how many its row groups hold."""

    def __init__(self) -> None:
        self._frame: Struct = []
        self._groups: list[bytes] = []
        self.rows = 0

    @classmethod
    def read(cls, content: bytes) -> Footer:
        """That of a file of which ``content`` is the end, or all."""
        made = cls()
        made._join(_footer(content), 0)
        return made

    def append(self, part: bytes, position: int) -> bytes:
        """What to write at ``position`` for a part, a whole Parquet file: its row groups, whose offsets are moved."""
        length = _length(part)
        self._join(_footer(part), position - len(MAGIC))
        return part[len(MAGIC) : len(part) - 8 - length]

    def encode(self) -> bytes:
        """What ends the file for now."""
        frame = [(number, kind, self.rows if number == _ROWS else value) for number, kind, value in self._frame]
        content = _encode_struct(frame, {_ROW_GROUPS: self._groups})
        return content + struct.pack("<I", len(content)) + MAGIC

    def _join(self, content: bytes, shift: int) -> None:
        footer = _Reader(content).struct()
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


def _length(content: bytes) -> int:
    if content[-4:] != MAGIC:
        raise ValueError("no Parquet footer")
    return int(struct.unpack("<I", content[-8:-4])[0])


def _footer(content: bytes) -> bytes:
    return content[-8 - _length(content) : -8]


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
