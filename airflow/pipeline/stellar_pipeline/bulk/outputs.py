"""Files that grow: Parquet, CSV, FITS and VOTable, each of which can be cut at a settled place and gone on with."""

from __future__ import annotations

import io
import re
from abc import ABC, abstractmethod
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq

from stellar.schema import FIELD_BY_NAME
from stellar_pipeline.bulk.footers import MAGIC, Footer
from stellar_pipeline.reading.errors import CatalogueError
from stellar_pipeline.reading.formats import astropy


class Output(ABC):
    """``settle`` makes all that was added part of the file and returns its length; ``finish`` ends the file."""

    typed = True
    """Whether columns of text are to become numbers where they hold such."""

    def __init__(self, path: Path, length: int = 0, schema: pa.Schema | None = None) -> None:
        """A new file, or one that is cut at a length and gone on with, whose rows have that schema."""
        self._file = path.open("r+b" if schema is not None else "w+b")
        self.schema = schema
        if schema is not None:
            self._file.truncate(length)
            self._resume(length)
            self._file.seek(0, io.SEEK_END)

    def add(self, rows: pa.RecordBatch) -> None:
        """Take rows. Raises CatalogueError where their columns are not those of the rows before."""
        rows = _as_text(rows)
        if self.schema is None:
            self.schema = rows.schema
            self._begin(rows)
        elif not rows.schema.equals(self.schema):
            rows = _as_before(rows, self.schema)
        self._write(rows)

    def settle(self) -> int:
        """Everything so far is written; the file's length."""
        self._file.flush()
        return self._file.tell()

    def finish(self) -> None:
        """Nothing more comes."""
        self.settle()
        self._file.close()

    def close(self) -> None:
        """Leave the file as it is."""
        self._file.close()

    def _begin(self, rows: pa.RecordBatch) -> None:
        """What stands before the first row."""
        return

    def _resume(self, length: int) -> None:
        """Learn from what is there."""
        return

    @abstractmethod
    def _write(self, rows: pa.RecordBatch) -> None: ...


class ParquetOutput(Output):
    """Row groups of ``GROUP`` rows, and a footer after each that names them all: the file is whole at any time."""

    GROUP = 262_144

    def __init__(self, path: Path, length: int = 0, schema: pa.Schema | None = None) -> None:
        self._waiting: list[pa.RecordBatch] = []
        self._footer = Footer()
        super().__init__(path, length, schema)

    def _begin(self, rows: pa.RecordBatch) -> None:
        self._file.write(MAGIC)

    def _resume(self, length: int) -> None:
        self._footer = Footer.read(_end_of(self._file, length))

    def _write(self, rows: pa.RecordBatch) -> None:
        self._waiting.append(rows)
        if sum(batch.num_rows for batch in self._waiting) >= self.GROUP:
            self._flush()

    def settle(self) -> int:
        """Rows that wait for their group go into a smaller one."""
        if self._waiting:
            self._flush()
        return super().settle()

    def _flush(self) -> None:
        table = pa.Table.from_batches(self._waiting)
        self._waiting = []
        texts = [field.name for field in table.schema if pa.types.is_string(field.type)]
        part = pa.BufferOutputStream()
        pq.write_table(
            table, part, row_group_size=self.GROUP, compression="zstd", compression_level=1, use_dictionary=texts
        )
        self._file.write(self._footer.append(part.getvalue().to_pybytes(), self._file.tell()))
        self._file.write(self._footer.encode())


class CsvOutput(Output):
    """Columns of text as they came."""

    typed = False

    def _begin(self, rows: pa.RecordBatch) -> None:
        self._file.write(_csv(rows.slice(0, 0), header=True))

    def _write(self, rows: pa.RecordBatch) -> None:
        self._file.write(_csv(rows, header=False))


class FitsOutput(Output):
    """One binary table. Standard: https://fits.gsfc.nasa.gov/fits_standard.html, section 7.3."""

    BLOCK = 2880
    WIDEST = 160
    """Bytes of the longest text of ``flags``; longer ones are cut there."""

    def _begin(self, rows: pa.RecordBatch) -> None:
        self._formats = [self._format(field, column) for field, column in zip(rows.schema, rows.columns, strict=True)]
        self._file.write(self._header(0))

    def _format(self, field: pa.Field, column: pa.Array) -> str:
        kind = field.type
        if pa.types.is_boolean(kind) or (pa.types.is_integer(kind) and kind.bit_width < 16):
            return "I"
        if kind == pa.uint64():
            return "U"
        if pa.types.is_integer(kind):
            return {16: "I", 32: "J", 64: "K"}[kind.bit_width * (2 if str(kind).startswith("u") else 1)]
        if pa.types.is_floating(kind):
            return "D" if kind == pa.float64() else "E"
        if field.name == "flags":
            return f"{self.WIDEST}A"
        longest = pc.max(pc.binary_length(column.cast(pa.string()))).as_py() or 1
        return f"{max(16, 2 * longest)}A"

    def _header(self, count: int) -> bytes:
        fits = astropy("a FITS file", "astropy.io.fits")
        assert self.schema is not None
        primary = fits.PrimaryHDU().header.tostring(padding=True)
        dtype = self._dtype()
        cards: list[tuple[str, object, str]] = [
            ("XTENSION", "BINTABLE", "binary table"), ("BITPIX", 8, ""), ("NAXIS", 2, ""),
            ("NAXIS1", dtype.itemsize, "bytes of a row"), ("NAXIS2", count, "rows"), ("PCOUNT", 0, ""),
            ("GCOUNT", 1, ""), ("TFIELDS", len(self._formats), "columns"),
        ]  # fmt: skip
        for number, (field, code) in enumerate(zip(self.schema, self._formats, strict=True), 1):
            cards.append((f"TTYPE{number}", field.name.encode("ascii", "replace").decode(), ""))
            cards.append((f"TFORM{number}", "K" if code == "U" else code, ""))
            if code == "U":
                cards.append((f"TZERO{number}", 2**63, "unsigned"))
                cards.append((f"TNULL{number}", -(2**63), ""))
            elif code in "IJK":
                cards.append((f"TNULL{number}", _null(code), ""))
            known = FIELD_BY_NAME.get(field.name)
            if known is not None and known.unit:
                cards.append((f"TUNIT{number}", known.unit, ""))
        header = fits.Header([fits.Card(*card) for card in cards])
        return str(primary + header.tostring(padding=True)).encode("ascii")

    def _resume(self, length: int) -> None:
        self._file.seek(self.BLOCK)
        header = astropy("a FITS file", "astropy.io.fits").Header.fromfile(self._file)
        self._formats = ["U" if f"TZERO{n}" in header else header[f"TFORM{n}"] for n in range(1, header["TFIELDS"] + 1)]

    def _dtype(self) -> np.dtype[np.void]:
        kinds = {"I": ">i2", "J": ">i4", "K": ">i8", "U": ">u8", "E": ">f4", "D": ">f8"}
        return np.dtype([(f"f{n}", kinds.get(code) or f"S{code[:-1]}") for n, code in enumerate(self._formats)])

    def _write(self, rows: pa.RecordBatch) -> None:
        made = np.zeros(rows.num_rows, self._dtype())
        for place, (field, column, code) in enumerate(zip(rows.schema, rows.columns, self._formats, strict=True)):
            if code.endswith("A"):
                texts = [(t or "").encode("ascii", "replace") for t in column.cast(pa.string()).to_pylist()]
                width = int(code[:-1])
                if field.name != "flags" and any(len(text) > width for text in texts):
                    raise CatalogueError(
                        f"{field.name} has a text longer than the {width} bytes that its FITS column was given by the "
                        "first rows; Parquet, CSV and VOTable have no such limit"
                    )
                made[f"f{place}"] = texts
            elif code in "ED":
                made[f"f{place}"] = column.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False)
            elif code == "U":
                made[f"f{place}"] = column.fill_null(0).to_numpy(zero_copy_only=False) ^ np.uint64(2**63)
            else:
                made[f"f{place}"] = column.cast(pa.int64()).fill_null(_null(code)).to_numpy(zero_copy_only=False)
        self._file.write(made.tobytes())

    def finish(self) -> None:
        """Fill the last block, and put the number of rows into the header."""
        length = self._file.tell()
        count = (length - len(self._header(0))) // self._dtype().itemsize
        self._file.write(b"\0" * (-length % self.BLOCK))
        self._file.seek(0)
        self._file.write(self._header(count))
        super().finish()


class VoTableOutput(Output):
    """A VOTable 1.4 with its rows as XML. Standard: https://www.ivoa.net/documents/VOTable/."""

    def _begin(self, rows: pa.RecordBatch) -> None:
        fields = "".join(f"   <FIELD name={quoteattr(f.name)} {_votable_type(f)}/>\n" for f in rows.schema)
        self._file.write(
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            '<VOTABLE version="1.4" xmlns="http://www.ivoa.net/xml/VOTable/v1.3">\n <RESOURCE>\n  <TABLE>\n'
            f"{fields}   <DATA><TABLEDATA>\n".encode()
        )

    def _write(self, rows: pa.RecordBatch) -> None:
        cells = [["" if v is None else _xml(v) for v in column.to_pylist()] for column in rows.columns]
        lines = ("".join(f"<TD>{cell}</TD>" for cell in row) for row in zip(*cells, strict=True))
        self._file.write("".join(f"<TR>{line}</TR>\n" for line in lines).encode())

    def finish(self) -> None:
        """Close what is open."""
        self._file.write(b"   </TABLEDATA></DATA>\n  </TABLE>\n </RESOURCE>\n</VOTABLE>\n")
        super().finish()


FORMATS: dict[str, type[Output]] = {
    ".parquet": ParquetOutput, ".pq": ParquetOutput, ".csv": CsvOutput, ".fits": FitsOutput, ".fit": FitsOutput,
    ".vot": VoTableOutput, ".votable": VoTableOutput, ".xml": VoTableOutput,
}  # fmt: skip


def output_for(name: str) -> type[Output]:
    """By the ending of a file's name. Raises CatalogueError."""
    kind = FORMATS.get(Path(name).suffix.lower())
    if kind is None:
        raise CatalogueError(f"{name}: the output is {', '.join(FORMATS)}, by the ending of its name")
    return kind


def _as_before(rows: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    missing = [name for name in schema.names if name not in rows.schema.names]
    further = [name for name in rows.schema.names if name not in schema.names]
    if missing or further:
        told = [f"lacks {', '.join(missing)}"] if missing else []
        told += [f"has {', '.join(further)} besides"] if further else []
        raise CatalogueError(f"a file {' and '.join(told)}: files of one run have the same columns; run it by itself")
    try:
        return rows.select(schema.names).cast(schema)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise CatalogueError(f"a file's columns are of other types than those of the first: {error}") from None


def _csv(rows: pa.RecordBatch, *, header: bool) -> bytes:
    """Text is in quotes only where a batch has any that needs them."""
    for style in ("none", "needed"):
        content = io.BytesIO()
        try:
            options = pyarrow.csv.WriteOptions(include_header=header, quoting_style=style, quoting_header=style)
            pyarrow.csv.write_csv(rows, content, options)
            break
        except pa.ArrowInvalid:
            continue
    return content.getvalue()


def _as_text(rows: pa.RecordBatch) -> pa.RecordBatch:
    """Columns that not every output can hold, such as lists and bytes, as text."""
    columns = [
        column.dictionary_decode()
        if pa.types.is_dictionary(column.type)
        else pa.array([None if v is None else _text(v) for v in column.to_pylist()], pa.string())
        if pa.types.is_nested(column.type) or pa.types.is_binary(column.type)
        else column
        for column in rows.columns
    ]
    return pa.RecordBatch.from_arrays(columns, names=rows.schema.names)


def _text(value: object) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def _xml(value: object) -> str:
    if isinstance(value, float) and value != value:
        return "NaN"
    return escape(_NOT_XML.sub(" ", str(value)))


def _null(code: str) -> int:
    return {"I": -(2**15), "J": -(2**31), "K": -(2**63)}[code]


def _votable_type(field: pa.Field) -> str:
    known = FIELD_BY_NAME.get(field.name)
    unit = f" unit={quoteattr(known.unit)}" if known is not None and known.unit else ""
    if pa.types.is_floating(field.type):
        return f'datatype="{"double" if field.type == pa.float64() else "float"}"{unit}'
    if pa.types.is_integer(field.type) and field.type != pa.uint64():
        return f'datatype="long"{unit}'
    return 'datatype="char" arraysize="*"'  # VOTable has no unsigned 64 bits


def _end_of(file: io.BufferedRandom, length: int) -> bytes:
    file.seek(max(0, length - (64 << 20)))
    return file.read()
