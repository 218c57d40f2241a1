"""Second stage, ``preprocessed/``: the rows that a model can learn from, as ``data.catalogue.clean`` has them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray

from stellar.schema import FIELD_BY_NAME, MAGNITUDES, SENTINEL
from stellar_pipeline.etl import quality
from stellar_pipeline.etl.obtain import RAW
from stellar_pipeline.etl.stage import Progress, Record, fingerprint, read_record, run_stage, silent
from stellar_pipeline.etl.tables import read_parquet, write_parquet
from stellar_pipeline.object_store import open_root
from stellar_pipeline.reading.training import SCHEMA

PREPROCESSED = "preprocessed/catalogue.parquet"
QUALITY = "quality.html"

_SPECTRUM = ("plate", "MJD", "fiber_ID")
_OBJECT = ("alpha", "delta", *MAGNITUDES)


def preprocess(root: str, *, force: bool = False, progress: Progress = silent) -> Record:
    """Leave out sentinels, values beyond limits and duplicates; check what is left; write ``quality.html``.

    Raises StageOrderError, StorageError; QualityError where the rows cannot be learnt from: the report says why.
    """
    objects = open_root(root)
    obtained = read_record(objects, "obtain")

    def make(folder: Path) -> tuple[dict[str, Path], Record]:
        with objects.open(RAW) as raw:
            kept, figures = select(raw)
            path, report = folder / "preprocessed.parquet", folder / "quality.html"
            write_parquet(path, _kept(raw, kept, progress), SCHEMA.remove(SCHEMA.get_field_index("rerun_ID")))
            checked = quality.measure(raw, path, figures)
        report.write_text(quality.page_of(checked, obtained["inputs"]["source"]), encoding="utf-8")
        if any(checked["checks"].values()):
            objects.put(QUALITY, report)
            quality.demand(checked, objects.uri(QUALITY))
        return {PREPROCESSED: path, QUALITY: report}, checked

    inputs = {"raw": fingerprint(obtained, RAW), "source": obtained["inputs"]}
    return run_stage(objects, "preprocess", inputs, make, force=force)


def select(raw: Path) -> tuple[NDArray[np.bool_], dict[str, int]]:
    """Which rows of a raw file to keep, and how many are left out for which reason.

    Only the columns that the rules look at are read. Of the rows of one spectrum, then of one object, the latest stays,
    and of those of one date the last: ``place`` puts both into one number.
    """
    measured = [FIELD_BY_NAME[name] for name in (*MAGNITUDES, "redshift")]
    sentinel = pl.any_horizontal(pl.col(MAGNITUDES) == SENTINEL).fill_null(False)
    within = pl.all_horizontal(
        pl.col(field.name)
        .is_between(field.minimum, np.inf if field.maximum is None else field.maximum)
        .fill_null(False)
        for field in measured
    )
    rows = pl.scan_parquet(raw).with_row_index("row")
    checks = rows.select(sentinel=sentinel, within=within).collect(engine="streaming")
    good = (checks["within"] & ~checks["sentinel"]).to_numpy()
    usable = rows.filter(within & ~sentinel).with_columns(
        place=(pl.col("MJD").fill_null(-1).cast(pl.Int64) * 2**40 + pl.col("row").cast(pl.Int64))
    )
    nameless = pl.any_horizontal(pl.col(_SPECTRUM).is_null())
    spectra = usable.filter(~nameless).group_by(_SPECTRUM).agg(pl.col("place").max()).select("place")
    latest = (
        pl.concat([usable.filter(nameless), usable.join(spectra, on="place", how="semi")])
        .group_by(_OBJECT)
        .agg(pl.col("place").max())
        .select(row=pl.col("place") % 2**40)
        .collect(engine="streaming")
    )
    kept = np.zeros(len(checks), dtype=np.bool_)
    kept[latest["row"].to_numpy()] = True
    lost = {
        "read": len(checks),
        "sentinel": int(checks["sentinel"].sum()),
        "out_of_limits": int((~checks["within"] & ~checks["sentinel"]).sum()),
        "duplicates": int(good.sum() - kept.sum()),
    }
    return kept, lost


def _kept(raw: Path, kept: NDArray[np.bool_], progress: Progress) -> Iterator[pa.RecordBatch]:
    start = 0
    for batch in read_parquet(raw, [name for name in SCHEMA.names if name != "rerun_ID"]):
        progress("preprocess", batch.num_rows)
        yield batch.filter(pa.array(kept[start : start + batch.num_rows]))
        start += batch.num_rows
