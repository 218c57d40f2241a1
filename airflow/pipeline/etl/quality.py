"""Is the catalogue fit to learn from: schema and range checks by pandera, and the report that people read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandera.errors
import pandera.polars as pa
import polars as pl

from pipeline.etl.tables import read_parquet
from pipeline.page import bar, page, paragraph, table, verdict
from stellar.schema import CLASSES, FIELDS, MAGNITUDES, SENTINEL, FieldSpec

LEAST_ROWS = 20
"""Rows that each class must have left, as ``pipeline.training`` asks for."""


class QualityError(ValueError):
    """The rows that are left are not fit to learn from."""


def schema() -> pa.DataFrameSchema:
    """What every preprocessed row must be: the hard limits of ``stellar.schema``, and one of its classes."""
    columns = {field.name: pa.Column(None, _limits(field)) for field in FIELDS}
    return pa.DataFrameSchema({**columns, "class": pa.Column(pl.String, pa.Check.isin(CLASSES))})


def _limits(field: FieldSpec) -> pa.Check:
    return pa.Check.in_range(field.minimum, np.inf if field.maximum is None else field.maximum)


def measure(raw: Path, preprocessed: Path, lost: dict[str, int]) -> dict[str, Any]:
    """Counts, ranges and class balance, after checking each preprocessed row. Raises QualityError."""
    checks = schema()
    for batch in read_parquet(preprocessed):
        try:
            checks.validate(pl.DataFrame(pl.from_arrow(batch)), lazy=True)
        except pandera.errors.SchemaErrors as error:
            reasons = error.failure_cases.group_by("column", "check").len().rows()
            found = "; ".join(f"{column}: {count:,} rows fail {check}" for column, check, count in reasons)
            raise QualityError(f"the catalogue cannot be learnt from: {found}") from None
    counts = dict(pl.scan_parquet(preprocessed).group_by("class").len().collect(engine="streaming").iter_rows())
    class_counts = {name: int(counts.get(name, 0)) for name in CLASSES}
    if scarce := [f"{count} of {name}" for name, count in class_counts.items() if count < LEAST_ROWS]:
        raise QualityError(f"only {', '.join(scarce)} after cleaning; training needs {LEAST_ROWS} rows of each class")
    return {
        **lost,
        "rows": sum(class_counts.values()),
        "class_counts": class_counts,
        "columns": _columns(raw, preprocessed),
    }


def _columns(raw: Path, preprocessed: Path) -> dict[str, dict[str, Any]]:
    """Sentinels and missing values of each column as it came; range, mean and untypical values of what is kept."""
    before, after = pl.scan_parquet(raw), pl.scan_parquet(preprocessed)
    names = [field.name for field in FIELDS]
    missing = before.select(pl.col(names).is_null() | pl.col(names).is_nan()).sum().collect(engine="streaming")
    sentinels = before.select(pl.col(MAGNITUDES) == SENTINEL).sum().collect(engine="streaming")
    untypical = (
        after.select((~pl.col(f.name).is_between(*f.typical)).alias(f.name) for f in FIELDS if f.typical)
        .sum()
        .collect(engine="streaming")
    )
    low, high, mean = (
        each.collect(engine="streaming").row(0, named=True)
        for each in (after.select(names).min(), after.select(names).max(), after.select(names).mean())
    )
    return {
        name: {
            "minimum": low[name],
            "maximum": high[name],
            "mean": mean[name],
            "missing": int(missing[name][0]),
            "sentinels": int(sentinels[name][0]) if name in MAGNITUDES else 0,
            "untypical": int(untypical[name][0]) if name in untypical.columns else 0,
        }
        for name in names
    }


def page_of(checked: dict[str, Any], source: str) -> str:
    """The report as HTML, for what ``measure`` found."""
    read, rows = checked["read"], checked["rows"]
    left_out = [
        ("with a sentinel magnitude (−9999)", "sentinel"),
        ("beyond the limits of the schema, or missing", "out_of_limits"),
        ("of an object or spectrum that is there already", "duplicates"),
    ]
    steps = [
        (text, checked[name], checked[name] / max(1, read), bar(checked[name] / max(1, read)))
        for text, name in left_out
    ]
    balance = [(name, n, n / rows, bar(n / rows)) for name, n in checked["class_counts"].items()]
    limits = {field.name: field for field in FIELDS}
    ranges = [
        (
            name,
            limits[name].unit,
            limits[name].limit,
            each["minimum"],
            each["mean"],
            each["maximum"],
            each["missing"],
            each["sentinels"],
            each["untypical"],
        )
        for name, each in checked["columns"].items()
    ]
    heads = ("column", "unit", "limits", "minimum", "mean", "maximum", "missing", "sentinels", "untypical")
    return page(
        "Data quality",
        f"{source}: {read:,} rows read, {rows:,} kept.",
        {
            "Checks": [
                table(
                    ("check", "result"),
                    [
                        ("every kept row is within the schema's limits", verdict(True, "passed")),
                        (f"every class has {LEAST_ROWS} rows or more", verdict(True, "passed")),
                    ],
                )
            ],
            "Rows left out": [table(("rows", "number", "share", ""), steps)],
            "Class balance": [table(("class", "rows", "share", ""), balance)],
            "Columns": [
                table(heads, ranges),
                paragraph(
                    "Missing values and sentinels are those of the rows as they came, the rest of the kept rows."
                ),
            ],
        },
    )
