"""Parquet, CSV and VOTable output, and which format a file's name asks for."""

from __future__ import annotations

import io
import re
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

from stellar.schema import FIELD_BY_NAME
from stellar_pipeline.bulk.fits_output import FitsOutput
from stellar_pipeline.bulk.footers import MAGIC, Footer, Part
from stellar_pipeline.bulk.output import Output
from stellar_pipeline.reading.errors import CatalogueError


class ParquetOutput(Output):
    """Row groups of ``GROUP`` rows, each a part with a footer of its own, and a footer for all at the end."""

    GROUP = 262_144

    def __init__(self, path: Path, length: int = 0, schema: pa.Schema | None = None) -> None:
        self._waiting: list[pa.RecordBatch] = []
        self._footer = Footer()
        super().__init__(path, length, schema)

    def _begin(self, rows: pa.RecordBatch) -> None:
        self._file.write(MAGIC)

    def _resume(self, length: int) -> None:
        self._footer = Footer.read(self._file, length)

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
        start = self._file.tell()
        with Part(self._file) as part:
            pq.write_table(
                table, part, row_group_size=self.GROUP, compression="zstd", compression_level=1, use_dictionary=texts
            )
        self._footer.append(self._file, start, self._file.tell())
        self._file.seek(0, io.SEEK_END)

    def finish(self) -> None:
        """The footer of all row groups."""
        self.settle()
        self._file.write(self._footer.encode())
        super().finish()


class CsvOutput(Output):
    """Columns of text as they came."""

    typed = False

    def _begin(self, rows: pa.RecordBatch) -> None:
        self._file.write(_csv(rows.slice(0, 0), header=True))

    def _write(self, rows: pa.RecordBatch) -> None:
        self._file.write(_csv(rows, header=False))


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


_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def _xml(value: object) -> str:
    if isinstance(value, float) and value != value:
        return "NaN"
    return escape(_NOT_XML.sub(" ", str(value)))


def _votable_type(field: pa.Field) -> str:
    known = FIELD_BY_NAME.get(field.name)
    unit = f" unit={quoteattr(known.unit)}" if known is not None and known.unit else ""
    if pa.types.is_floating(field.type):
        return f'datatype="{"double" if field.type == pa.float64() else "float"}"{unit}'
    if pa.types.is_integer(field.type) and field.type != pa.uint64():
        return f'datatype="long"{unit}'
    return 'datatype="char" arraysize="*"'  # VOTable has no unsigned 64 bits
