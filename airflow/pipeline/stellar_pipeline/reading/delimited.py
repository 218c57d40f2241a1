"""Text tables: any delimiter, any encoding, comments, quotes; each line is a row, or is named as none.

A line is read by itself, so that a stray quote costs one line and not all that follow it. Cells stay text, exactly as
they are written: what they mean is decided where they are used.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator
from typing import IO

import pyarrow as pa
import pyarrow.csv

from stellar_pipeline.reading.errors import CatalogueError
from stellar_pipeline.reading.table import BadLine, Piece, Table

_BLOCK = 4 << 20
_LONGEST_LINE = 16 << 20
_SAMPLE = 50
_COMMENT = b"#"
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eEdD][+-]?\d+)?|[+-]?(nan|inf(inity)?)|null|", re.IGNORECASE)
_BLANKS = b" "
"""Stands for any run of blanks."""


class Delimited(Table):
    """A CSV file or one of its relatives."""

    def __init__(self, name: str, stream: IO[bytes], head: bytes) -> None:
        """Find encoding, delimiter and header in the first bytes. Raises CatalogueError."""
        self.name = name
        self._stream = stream
        self._encoding = _encoding(head)
        text = _as_utf8(_decodable(head, self._encoding), self._encoding)
        lines = text.split(b"\n")
        sample = lines[:-1] if len(lines) > 1 and len(head) >= len(text) > 60_000 else lines
        rows = [(n, line) for n, line in enumerate(map(_stripped, sample), 1) if line and not line.startswith(_COMMENT)]
        if not rows:
            raise CatalogueError(f"{name} has no rows, only comments")
        self._delimiter = _delimiter([line for _, line in rows[:_SAMPLE]])
        self._header_line, header = rows[0]
        cells = self._cells(header)
        if cells and all(map(_is_number, cells)):
            cells = self._header_in_comment(sample[: self._header_line - 1], cells)
            self._header_line -= 1
        width = len(cells)
        widths = [len(self._cells(line)) for _, line in rows[1:_SAMPLE]]
        # Rows that end in a delimiter have one cell more than the header, and nothing in it.
        self._trailing = bool(widths) and all(
            count == width + 1 and line.endswith(self._delimiter)
            for count, (_, line) in zip(widths, rows[1:], strict=False)
        )
        while len(cells) > 1 and not cells[-1].strip():
            cells.pop()
        self._dropped = width - len(cells)  # columns at the end that have no name
        names = [cell.strip() for cell in cells]
        if doubled := [each for each in dict.fromkeys(names) if names.count(each) > 1]:
            raise CatalogueError(
                f"{name} has two columns of the name {', '.join(doubled)}: rename one in the header line"
            )
        self.schema = pa.schema([(each, pa.string()) for each in names])

    def pieces(self) -> Iterator[Piece]:
        """Blocks of lines."""
        number = 1
        for block in self._blocks():
            lines = block.split(b"\n")
            if not lines[-1]:
                lines.pop()
            yield self._piece(lines, number)
            number += len(lines)

    def _blocks(self) -> Iterator[bytes]:
        """UTF-8 text in whole lines."""
        held, decoder = b"", _Decoder(self._encoding)
        while part := self._stream.read(_BLOCK):
            held += decoder.decode(bytes(part))
            whole, newline, rest = held.rpartition(b"\n")
            if newline:
                yield _valid(whole)
            held = rest
            if len(held) > _LONGEST_LINE:
                raise CatalogueError(f"{self.name} has a line of more than 16 MB: is it a table of lines?")
        if held:
            yield _valid(held)

    def _piece(self, lines: list[bytes], first: int) -> Piece:
        kept: list[bytes] = []
        numbers: list[int] = []
        bad: list[BadLine] = []
        names = self.schema.names
        width = len(names) + self._dropped
        delimiter = self._delimiter
        for number, line in enumerate(lines, first):
            line = _stripped(line)
            if number <= self._header_line or not line or line.startswith(_COMMENT):
                continue
            if delimiter == _BLANKS and b'"' not in line:
                cells = line.split()
                count, line = len(cells), b"\t".join(cells)
            elif b'"' in line:
                if line.count(b'"') % 2:
                    bad.append(BadLine(self.name, number, "a quotation mark is opened and not closed"))
                    continue
                try:
                    texts = self._cells(line)
                except csv.Error as error:
                    bad.append(BadLine(self.name, number, str(error)))
                    continue
                count = len(texts)
                if delimiter == _BLANKS:
                    line = _quoted(texts)
            else:
                count = line.count(delimiter) + 1
            if self._trailing and count == width + 1 and line.endswith(delimiter):
                count, line = width, line[:-1]
            if count != width:
                bad.append(BadLine(self.name, number, f"{count} cells, but the header has {width}"))
                continue
            kept.append(line)
            numbers.append(number)
        return Piece(self._parsed(kept), numbers, bad)

    def _parsed(self, lines: list[bytes]) -> pa.RecordBatch:
        if not lines:
            return pa.RecordBatch.from_pylist([], schema=self.schema)
        names = [*self.schema.names, *(f"\0{place}" for place in range(self._dropped))]
        text = b"\n".join(lines)
        table = pyarrow.csv.read_csv(
            io.BytesIO(text),
            pyarrow.csv.ReadOptions(column_names=names, use_threads=False, block_size=len(text) + 1),
            pyarrow.csv.ParseOptions(
                delimiter="\t" if self._delimiter == _BLANKS else self._delimiter.decode(), ignore_empty_lines=False
            ),
            pyarrow.csv.ConvertOptions(
                include_columns=self.schema.names,
                column_types=dict.fromkeys(names, pa.string()),
                strings_can_be_null=False,
            ),
        )
        [batch] = table.combine_chunks().to_batches() or [pa.RecordBatch.from_pylist([], schema=self.schema)]
        return batch

    def _cells(self, line: bytes) -> list[str]:
        """The cells of one line."""
        text = line.decode()
        if self._delimiter == _BLANKS:
            return next(csv.reader([" ".join(text.split())], delimiter=" "), [])
        return next(csv.reader([text], delimiter=self._delimiter.decode()), [])

    def _header_in_comment(self, before: list[bytes], cells: list[str]) -> list[str]:
        """The names of a table whose header line is a comment, as NumPy writes it. Raises CatalogueError."""
        for line in reversed(before):
            names = self._cells(_stripped(line).lstrip(b"# "))
            if len(names) == len(cells) and not any(map(_is_number, names)):
                return names
        raise CatalogueError(
            f"{self.name} has no header line: its first line is {', '.join(cells[:6])}, …. Put a line with the "
            f"{len(cells)} columns' names before it, such as u,g,r,i,z,redshift"
        )


class _Decoder:
    """Bytes of any encoding to UTF-8 with lines that end in a newline."""

    def __init__(self, encoding: str) -> None:
        self._decoder = None if encoding == "utf-8" else codecs.getincrementaldecoder(encoding)("replace")
        self._first = True
        self._return = b""

    def decode(self, part: bytes) -> bytes:
        text = part if self._decoder is None else self._decoder.decode(part).encode()
        if self._first:
            text = text.removeprefix(b"\xef\xbb\xbf")
            self._first = False
        if b"\r" in text or self._return:
            text = self._return + text
            self._return = b"\r" if text.endswith(b"\r") else b""  # its newline may be in the next part
            text = text.removesuffix(b"\r").replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        return text


def _encoding(head: bytes) -> str:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    if head[1:200:2].count(0) > 50 or head[1:40:2] == b"\0" * len(head[1:40:2]) != b"":
        return "utf-16-le"
    if head[0:200:2].count(0) > 50:
        return "utf-16-be"
    try:
        head[: len(head) - 4 if len(head) > 8 else len(head)].decode()
    except UnicodeDecodeError as error:
        if error.start < len(head) - 8:
            return "latin-1"
    return "utf-8"


def _decodable(head: bytes, encoding: str) -> bytes:
    return head[: len(head) & ~1] if encoding.startswith("utf-16") else head


def _as_utf8(content: bytes, encoding: str) -> bytes:
    if encoding == "utf-8":
        return _valid(_whole(content.removeprefix(b"\xef\xbb\xbf"))).replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return content.decode(encoding, "replace").removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").encode()


def _valid(text: bytes) -> bytes:
    """As UTF-8; what is not valid in it is taken for Latin-1, the encoding of old catalogues."""
    try:
        if not text.isascii():
            text.decode()
    except UnicodeDecodeError:
        return text.decode("latin-1").encode()
    return text


def _whole(head: bytes) -> bytes:
    """Without a character that is cut at the end."""
    try:
        head.decode()
    except UnicodeDecodeError as error:
        return head[: error.start] if len(head) - error.start < 4 else head
    return head


def _stripped(line: bytes) -> bytes:
    return line.strip(b" \r\n\x0b\x0c")


def _delimiter(lines: list[bytes]) -> bytes:
    """The one that cuts most of the lines into the same number of cells, more than one."""

    def score(delimiter: bytes) -> tuple[int, int]:
        widths = [
            len(next(csv.reader([line.decode("utf-8", "replace")], delimiter=delimiter.decode()), [])) for line in lines
        ]
        common = max(set(widths), key=lambda width: (widths.count(width), width))
        return (widths.count(common), common) if common > 1 else (0, 0)

    best = max((b",", b";", b"\t", b"|"), key=score)
    if score(best)[0]:
        return best
    return _BLANKS if any(len(line.split()) > 1 for line in lines) else b","


def _quoted(cells: list[str]) -> bytes:
    return "\t".join('"' + cell.replace('"', '""') + '"' for cell in cells).encode()


def _is_number(text: str) -> bool:
    return _NUMBER.fullmatch(text.strip()) is not None
