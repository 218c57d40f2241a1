"""``stellar classify --engine spark``: the same answers on a Spark cluster, by ``DataFrame.mapInArrow``.

Parquet is read by Spark itself, which shares out its row groups; every other format by this project's reader, a file a
task. The model goes to the workers with the job. The output is a folder of Parquet files.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from stellar.artefact import Artefact
from stellar.classifier import Classifier
from stellar.schema import CLASSES
from stellar_pipeline.bulk.run import Options
from stellar_pipeline.bulk.scoring import ANSWER, UNSURE, UNUSUAL, Scorer, joined
from stellar_pipeline.bulk.summary import Summary
from stellar_pipeline.reading.catalogue import find, open_catalogue
from stellar_pipeline.reading.columns import match
from stellar_pipeline.reading.errors import CatalogueError
from stellar_pipeline.reading.values import labels

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

BATCH = 65_536
"""Rows that a worker has in memory at a time."""


class SparkMissingError(RuntimeError):
    """Spark cannot run here. The text says what is missing."""


def classify(inputs: Sequence[str], out: str, classifier: Classifier, options: Options, master: str | None) -> Summary:
    """Classify catalogues into a folder of Parquet files, which must not be there yet.

    ``master`` is Spark's; None takes that of spark-submit, else this machine's cores.

    Raises CatalogueError, StorageError, OSError; SparkMissingError.
    """
    files = find(inputs)
    parquet = [file for file in files if file.lower().endswith((".parquet", ".pq"))]
    if parquet and len(parquet) < len(files):
        raise CatalogueError("Parquet and other formats are not mixed in one Spark job: give them one by one")
    artefact = (classifier.artefact.manifest_bytes, classifier.artefact.model)
    spark = _session(master)
    try:
        if parquet:
            rows = spark.read.parquet(*parquet)
            columns = match(files[0], rows.columns, options.mapping).columns
            kept = [field for field in rows.schema.fields if field.name not in ANSWER.names]
            answered = rows.mapInArrow(_of_batches(artefact, columns, options.abstain), _with_answers(kept))
        else:
            columns, kept = _first_columns(files[0], options.mapping)
            addresses = spark.createDataFrame([(file,) for file in files], "address string").repartition(len(files))
            answered = addresses.mapInArrow(_of_files(artefact, options), _with_answers(kept))
        try:
            answered.write.parquet(out)
        except Exception as error:
            raise _told(error) from None
        return _summary(spark.read.parquet(out), columns.get("class"))
    finally:
        spark.stop()


def _session(master: str | None) -> SparkSession:
    missing = [name for name, there in (("PySpark", find_spec("pyspark")), ("Java 17", _java())) if not there]
    if missing:
        raise SparkMissingError(
            f"{' and '.join(missing)} not installed: `uv sync --inexact --group spark` brings PySpark, and java must "
            "be on the PATH or in JAVA_HOME"
        )
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    from pyspark.sql import SparkSession

    builder: Any = SparkSession.builder.appName("stellar classify")  # type: ignore[attr-defined, unused-ignore]
    if master:
        builder = builder.master(master)
    spark: SparkSession = (
        builder.config("spark.sql.execution.arrow.maxRecordsPerBatch", BATCH)
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.ui.enabled", "false")
        .config("spark.log.level", "ERROR")
        .getOrCreate()
    )
    return spark


def _java() -> str | None:
    home = os.environ.get("JAVA_HOME")
    return shutil.which("java", path=f"{home}/bin" if home else None) or shutil.which("java")


def _with_answers(kept: Sequence[Any]) -> Any:
    """Spark's schema of the output."""
    from pyspark.sql.pandas.types import from_arrow_schema
    from pyspark.sql.types import StructType

    return StructType([*kept, *from_arrow_schema(ANSWER).fields])


def _first_columns(file: str, mapping: Mapping[str, str]) -> tuple[Mapping[str, str], list[Any]]:
    """Which columns of a file of another format are which fields, and all of them as Spark has them: text."""
    from pyspark.sql.types import StringType, StructField

    with open_catalogue(file, mapping) as opened:
        names = [name for name in opened.table.schema.names if name not in ANSWER.names]
        return dict(opened.columns), [StructField(name, StringType()) for name in names]


Work = Callable[[Iterator[pa.RecordBatch]], Iterator[pa.RecordBatch]]


def _of_batches(artefact: tuple[bytes, bytes], columns: Mapping[str, str], abstain: float) -> Work:
    """Rows to rows with answers."""

    def work(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        scorer = Scorer(_classifier(*artefact), abstain)
        for rows in batches:
            if rows.num_rows:
                yield joined(rows, scorer.score(rows, columns).columns)

    return work


def _of_files(artefact: tuple[bytes, bytes], options: Options) -> Work:
    """Addresses of files to their rows with answers."""

    def work(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        scorer = Scorer(_classifier(*artefact), options.abstain)
        for address in (each for batch in batches for each in batch.column(0).to_pylist()):
            with open_catalogue(address, options.mapping) as opened:
                for piece in opened.table.pieces():
                    if piece.rows.num_rows:
                        answers = scorer.score(piece.rows, opened.columns).columns
                        yield joined(_as_text(piece.rows), answers)

    return work


def _as_text(rows: pa.RecordBatch) -> pa.RecordBatch:
    """Every column as text: text files have no other, and Spark has no type for FITS's unsigned identifiers."""
    columns = [column.cast(pa.string()) for column in rows.columns]
    return pa.RecordBatch.from_arrays(columns, names=rows.schema.names)


@cache
def _classifier(manifest: bytes, model: bytes) -> Classifier:
    """One a worker process."""
    return Classifier(Artefact.verify(manifest, model))


def _told(error: Exception) -> Exception:
    """What a user can put right, out of Spark's many lines."""
    text = str(error)
    if "PATH_ALREADY_EXISTS" in text:
        return CatalogueError("the output folder is there already: remove it, or give another --out")
    for line in text.splitlines():
        if "CatalogueError" in line or "MissingColumnError" in line:
            return CatalogueError(line.partition("Error: ")[2])
    return error


def _summary(answered: DataFrame, truth: str | None) -> Summary:
    """Counts of what was written; columns that are not counted are not read."""
    from pyspark.sql import functions as f

    groups = [
        f.col("predicted_class"),
        f.col("model_variant"),
        f.col("flags").startswith(UNSURE).alias("unsure"),
        f.col("flags").contains(UNUSUAL).alias("unusual"),
        f.col("reliable"),
    ]
    named = [f.col(truth).cast("string").alias("truth")] if truth else []
    summary = Summary()
    for row in answered.groupBy(*groups, *named).count().collect():
        count = row["count"]
        summary.rows += count
        if row["model_variant"] is None:
            summary.refused += count
            continue
        setattr(summary, row["model_variant"], getattr(summary, row["model_variant"]) + count)
        summary.unsure += count if row["unsure"] else 0
        summary.unusual += count if row["unusual"] else 0
        summary.unreliable += count if row["reliable"] is False else 0
        if row["predicted_class"] is None:
            continue
        summary.classified[row["predicted_class"]] += count
        if truth and (place := labels(pa.array([row["truth"]], pa.string()))[0][0]) >= 0:
            summary.compare(CLASSES[place], row["predicted_class"], count)
    return summary
