"""Is the catalogue fit to learn from: schema and range checks by pandera, and the report that people read."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pandera.errors
import pandera.polars as pa
import polars as pl

from stellar.schema import CLASSES, FIELDS, MAGNITUDES, SENTINEL, FieldSpec
from stellar_pipeline.etl.tables import read_parquet
from stellar_pipeline.reports.page import bar, page, paragraph, table, verdict

LEAST_ROWS = 20
"""Rows that each class must have left, as ``stellar_pipeline.model.training`` asks for."""


class QualityError(ValueError):
    """The rows that are left are not fit to learn from."""


def schema() -> pa.DataFrameSchema:
    """What every preprocessed row must be: the hard limits of ``stellar.schema``, and one of its classes."""
    known = (*MAGNITUDES, "redshift")  # the others identify an object, and a catalogue need not have them
    columns = {field.name: pa.Column(None, _limits(field), nullable=field.name not in known) for field in FIELDS}
    return pa.DataFrameSchema({**columns, "class": pa.Column(pl.String, pa.Check.isin(CLASSES))})


def _limits(field: FieldSpec) -> pa.Check:
    return pa.Check.in_range(field.minimum, np.inf if field.maximum is None else field.maximum)


def measure(raw: Path, preprocessed: Path, lost: dict[str, int]) -> dict[str, Any]:
    """Counts, ranges and class balance, and what each check found wrong: ``checks`` has None where all is well."""
    counts = dict(pl.scan_parquet(preprocessed).group_by("class").len().collect(engine="streaming").iter_rows())
    class_counts = {name: int(counts.get(name, 0)) for name in CLASSES}
    scarce = [f"only {count} of {name}" for name, count in class_counts.items() if count < LEAST_ROWS]
    return {
        **lost,
        "rows": sum(counts.values()),
        "class_counts": class_counts,
        "columns": _columns(raw, preprocessed),
        "checks": {
            "every kept row is as the schema has it": "; ".join(_violations(preprocessed)) or None,
            f"every class has {LEAST_ROWS} rows or more": ", ".join(scarce) or None,
        },
    }


def demand(checked: dict[str, Any], report: str) -> None:
    """Raise QualityError, which names the report, if a check of ``measure`` failed."""
    if failures := [failure for failure in checked["checks"].values() if failure]:
        raise QualityError(f"the catalogue cannot be learnt from: {'; '.join(failures)}. See {report}")


def _violations(preprocessed: Path) -> list[str]:
    """What is wrong with how many rows, column by column."""
    found: Counter[tuple[str, str]] = Counter()
    checks = schema()
    for batch in read_parquet(preprocessed):
        try:
            checks.validate(pl.DataFrame(pl.from_arrow(batch)), lazy=True)
        except pandera.errors.SchemaErrors as error:
            for column, check, count in error.failure_cases.group_by("column", "check").len().rows():
                found[column, check] += count
    return [f"{column}: {count:,} rows fail {check}" for (column, check), count in sorted(found.items())]


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
    steps = [_line(text, checked[name], read) for text, name in left_out]
    balance = [_line(name, count, rows) for name, count in checked["class_counts"].items()]
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
                    [(name, verdict(not failure, failure or "passed")) for name, failure in checked["checks"].items()],
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


def _line(name: str, count: int, of: int) -> tuple[object, ...]:
    share = count / max(1, of)
    return name, count, f"{share:.2%}", bar(share)
