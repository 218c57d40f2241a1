"""Tables of the other formats: Parquet, FITS, VOTable, JSON Lines."""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterator
from typing import IO, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from stellar_pipeline.reading.errors import CatalogueError
from stellar_pipeline.reading.table import BATCH, BadLine, Piece, Table, from_batches

_WAY_OUT = "`uv sync --inexact --group train` installs it"


class Parquet(Table):
    """A Parquet file, read page by page."""

    def __init__(self, name: str, stream: IO[bytes]) -> None:
        self.name = name
        try:
            self._file = pq.ParquetFile(stream)
        except (pa.ArrowException, OSError) as error:
            raise CatalogueError(f"{name} is a damaged Parquet file: {_line(error)}") from None
        self.schema = self._file.schema_arrow
        self.total = self._file.metadata.num_rows

    def pieces(self) -> Iterator[Piece]:
        """Batches of rows."""
        try:
            yield from from_batches(self._file.iter_batches(BATCH, use_threads=False))
        except (pa.ArrowException, OSError) as error:
            raise CatalogueError(f"{self.name} is a damaged Parquet file: {_line(error)}") from None


class Fits(Table):
    """The first table of a FITS file. Standard: https://fits.gsfc.nasa.gov/fits_standard.html."""

    def __init__(self, name: str, stream: IO[bytes]) -> None:
        fits = astropy(name, "astropy.io.fits")
        self.name = name
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                self._units = fits.open(stream, memmap=True, lazy_load_hdus=True)
                self._table = next(
                    (unit for unit in self._units if isinstance(unit, fits.BinTableHDU | fits.TableHDU)), None
                )
        except (OSError, ValueError, TypeError) as error:
            raise CatalogueError(f"{name} is a damaged FITS file: {_line(error)}") from None
        if self._table is None:
            raise CatalogueError(f"{name} holds no table, only pictures: a FITS file with a BINTABLE is read")
        self.total = int(self._table.header["NAXIS2"])
        self._nulls = {
            each.name: each.null + int(each.bzero or 0) for each in self._table.columns if each.null is not None
        }
        self.schema = self._batch(0, 0).schema

    def pieces(self) -> Iterator[Piece]:
        """Batches of rows."""
        try:
            yield from from_batches(self._batch(at, at + BATCH) for at in range(0, self.total or 0, BATCH))
        except (OSError, ValueError, TypeError) as error:
            raise CatalogueError(f"{self.name} is a damaged FITS file: {_line(error)}") from None

    def _batch(self, start: int, end: int) -> pa.RecordBatch:
        rows = self._table.data[start:end]  # type: ignore[union-attr]
        columns = {}
        for name in self._table.columns.names:  # type: ignore[union-attr]
            values = np.asarray(rows.field(name))
            null = self._nulls.get(name)
            columns[name] = to_arrow(values, None if null is None else values == null)
        return pa.RecordBatch.from_pydict(columns)


class VoTable(Table):
    """The first table of a VOTable. Standard: https://www.ivoa.net/documents/VOTable/.

    It is read as a whole, for XML has no other way: it should fit into memory.
    """

    def __init__(self, name: str, stream: IO[bytes]) -> None:
        votable = astropy(name, "astropy.io.votable")
        self.name = name
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                found = votable.parse(stream, verify="ignore").get_first_table()
        except Exception as error:  # its parser raises whatever its parts do
            raise CatalogueError(f"{name} is a damaged VOTable: {_line(error)}") from None
        data = found.array
        self._rows = pa.RecordBatch.from_pydict(
            {
                field.name or field.ID: to_arrow(np.asarray(data[key].data), np.ma.getmaskarray(data[key]))
                for field, key in zip(found.fields, data.dtype.names, strict=True)
            }
        )
        self.schema, self.total = self._rows.schema, self._rows.num_rows

    def pieces(self) -> Iterator[Piece]:
        """Slices of what was read."""
        yield from from_batches(self._rows.slice(at, BATCH) for at in range(0, self._rows.num_rows, BATCH))


class JsonLines(Table):
    """One JSON object a line. Its columns are those of the first rows."""

    def __init__(self, name: str, stream: IO[bytes]) -> None:
        self.name = name
        self._lines = enumerate(stream, 1)
        self._ahead = self._next()
        names = dict.fromkeys(key for _, row in self._ahead[0] for key in row)
        if not names:
            raise CatalogueError(f"{name} has no JSON object in its first lines: one object a line is read")
        self.schema = pa.schema([(each, pa.string()) for each in names])

    def pieces(self) -> Iterator[Piece]:
        """Batches of rows. Values are text, as in JSON."""
        rows, bad = self._ahead
        while rows or bad:
            columns = {key: [_text(row.get(key)) for _, row in rows] for key in self.schema.names}
            yield Piece(pa.RecordBatch.from_pydict(columns, schema=self.schema), [number for number, _ in rows], bad)
            rows, bad = self._next()

    def _next(self) -> tuple[list[tuple[int, dict[str, Any]]], list[BadLine]]:
        rows: list[tuple[int, dict[str, Any]]] = []
        bad: list[BadLine] = []
        for number, line in self._lines:
            if not line.strip():
                continue
            try:
                row = json.loads(line, parse_float=str, parse_int=str)
            except (ValueError, RecursionError) as error:
                bad.append(BadLine(self.name, number, f"not JSON: {_line(error)}"))
            else:
                if isinstance(row, dict):
                    rows.append((number, row))
                else:
                    bad.append(BadLine(self.name, number, "not a JSON object"))
            if len(rows) + len(bad) >= BATCH // 4:
                break
        return rows, bad


def to_arrow(values: np.ndarray[Any, Any], mask: Any = None) -> pa.Array:
    """A NumPy column, big-endian or not, as Arrow has it; a column of arrays becomes text."""
    if mask is not None and np.ndim(mask) > 1:
        mask = np.all(mask, axis=tuple(range(1, np.ndim(mask))))
    if values.ndim > 1:
        values = np.array([str(each.tolist()) for each in values], dtype=object)
    if values.dtype.byteorder == ">" or (values.dtype.byteorder == "=" and not values.dtype.isnative):
        values = values.astype(values.dtype.newbyteorder("="))
    if values.dtype.kind == "S":
        values = np.char.rstrip(np.char.decode(values, "latin-1"))
    if values.dtype.kind == "U":
        return pa.array(np.char.rstrip(values).tolist(), pa.string(), mask=mask)
    if values.dtype.kind == "O":
        hidden = np.zeros(len(values), bool) if mask is None else mask
        texts = [None if gone else _text(each) for each, gone in zip(values.tolist(), hidden, strict=True)]
        return pa.array(texts, pa.string())
    return pa.array(np.ascontiguousarray(values), mask=mask)


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bytes):
        return value.decode("latin-1").rstrip()
    return json.dumps(value) if isinstance(value, dict | list | bool) else str(value)


def astropy(name: str, module: str) -> Any:
    """A module of it. Raises CatalogueError where it is not installed."""
    from importlib import import_module

    try:
        return import_module(module)
    except ModuleNotFoundError:
        raise CatalogueError(f"{name} needs astropy, which is not installed. {_WAY_OUT}.") from None


def _line(error: BaseException) -> str:
    return str(error).strip().splitlines()[0][:200] if str(error).strip() else type(error).__name__
