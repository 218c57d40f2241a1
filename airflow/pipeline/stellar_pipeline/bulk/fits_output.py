"""FITS output."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from stellar.schema import FIELD_BY_NAME
from stellar_pipeline.bulk.output import Output
from stellar_pipeline.reading.errors import CatalogueError
from stellar_pipeline.reading.formats import astropy


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


def _null(code: str) -> int:
    return {"I": -(2**15), "J": -(2**31), "K": -(2**63)}[code]
