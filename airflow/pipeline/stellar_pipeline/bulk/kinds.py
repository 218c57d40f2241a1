"""Types for the columns of text tables, where the output has types: settled by the first rows, and kept to."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import pyarrow as pa

from stellar.schema import FIELD_BY_NAME
from stellar_pipeline.reading.errors import ColumnValueError
from stellar_pipeline.reading.values import present


class Kinds:
    """Turns columns of text into numbers; what is not text stays as it is."""

    def __init__(self, rows: pa.RecordBatch, columns: Mapping[str, str], text: Collection[str]) -> None:
        """Look at the first rows. ``columns`` says which column is which field, ``text`` what stays text."""
        fields = {column: FIELD_BY_NAME[name] for name, column in columns.items() if name in FIELD_BY_NAME}
        self._kinds: dict[str, pa.DataType] = {}
        for name, column in zip(rows.schema.names, rows.columns, strict=True):
            if not pa.types.is_string(column.type) or name in text:
                continue
            field = fields.get(name)
            tried = [pa.int64(), pa.uint64(), pa.float64()]
            if field is not None and field.type is float and not field.identifier:
                tried = [pa.float64()]
            cells = present(column)
            for kind in tried:
                if cells.null_count < len(cells) and _fits(cells, kind):
                    self._kinds[name] = (
                        pa.uint64() if field is not None and field.identifier and kind == pa.int64() else kind
                    )
                    break

    @classmethod
    def of(cls, schema: pa.Schema) -> Kinds:
        """The types that an output has already."""
        made = cls.__new__(cls)
        made._kinds = {
            each.name: each.type for each in schema if pa.types.is_integer(each.type) or pa.types.is_floating(each.type)
        }
        return made

    def apply(self, rows: pa.RecordBatch, name: str, lines: Sequence[int]) -> pa.RecordBatch:
        """The rows in those types. Raises ColumnValueError where a column is no longer what it was."""
        arrays = []
        for column_name, column in zip(rows.schema.names, rows.columns, strict=True):
            kind = self._kinds.get(column_name)
            if kind is not None and pa.types.is_string(column.type):
                cells = present(column)
                try:
                    column = cells.cast(kind)
                except pa.ArrowInvalid:
                    row = next(
                        n for n, cell in enumerate(cells) if cell.is_valid and not _fits(pa.array([cell.as_py()]), kind)
                    )
                    raise ColumnValueError(
                        f"{name}, line {lines[row]}: {column_name} is {cells[row].as_py()!r}, and was {kind} before. "
                        f"--text {column_name!r} keeps the column as text; CSV output keeps all columns so"
                    ) from None
            arrays.append(column)
        return pa.RecordBatch.from_arrays(arrays, names=rows.schema.names)


def _fits(cells: pa.Array, kind: pa.DataType) -> bool:
    try:
        cells.cast(kind)
    except pa.ArrowInvalid:
        return False
    return True
