"""The latest observations against the training reference of ``data_star.json``."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import polars as pl

from stellar.manifest import FEATURES
from stellar.schema import CLASSES
from stellar_pipeline.drift.collect import OBSERVATIONS
from stellar_pipeline.etl.population import Reference, class_shares, stability_index
from stellar_pipeline.etl.stage import StageOrderError
from stellar_pipeline.etl.standardise import METADATA
from stellar_pipeline.model.features import model_input
from stellar_pipeline.object_store import MissingObjectError, Objects, open_root
from stellar_pipeline.reports.page import Markup, bar, page, paragraph, table, verdict

LEAST_ROWS = 200
"""Fewer rows give no verdict: with 10 bins chance alone makes an index of about 9 / rows."""

THRESHOLD = 0.2


def measure(root: str, *, threshold: float = THRESHOLD) -> dict[str, Any]:
    """Population stability index of each feature and of the class mix, and whether one of them is above the threshold.

    Returns ``drifted``, ``psi`` by feature, ``class_mix`` (``reference`` and ``observed`` shares, ``psi``), ``rows``,
    ``reason`` in words, and ``report``, the page's address: None where nothing was observed, which is no drift.
    Raises StageOrderError if there is no reference yet; StorageError.
    """
    objects = open_root(root)
    reference = _reference(objects)
    files = objects.names(OBSERVATIONS)
    if not files:
        nothing: dict[str, Any] = {"drifted": False, "psi": {}, "class_mix": {}, "rows": 0, "threshold": threshold}
        return {**nothing, "reason": "nothing has been observed yet", "report": None}
    with objects.open(files[-1]) as path:
        observed = pl.read_parquet(path)
    inputs = model_input(observed.to_pandas())
    # The model is told 0 for a redshift that is not there, which is no measurement.
    inputs[observed["redshift"].is_null().to_numpy(), FEATURES.index("redshift")] = np.nan
    psi = reference.psi(inputs)
    shares = class_shares(observed["label"].to_physical().to_numpy().astype(np.intp))
    mix = stability_index(list(reference.classes.values()), list(shares.values()))
    over = [name for name, value in {**psi, "class mix": mix}.items() if value > threshold]
    enough = len(observed) >= LEAST_ROWS
    found = {
        "drifted": enough and bool(over),
        "psi": psi,
        "class_mix": {"reference": reference.classes, "observed": shares, "psi": mix},
        "rows": len(observed),
        "threshold": threshold,
        "reason": _reason(over, len(observed), threshold),
    }
    name = files[-1].replace(OBSERVATIONS, "drift/reports/").replace(".parquet", ".html")
    return {**found, "report": objects.write(name, _page(found, objects.uri(files[-1]), reference.rows).encode())}


def _reference(objects: Objects) -> Reference:
    try:
        return Reference.from_json(json.loads(objects.read(METADATA))["reference"])
    except MissingObjectError:
        way_out = "`stellar pipeline run` makes it"
        raise StageOrderError(f"{objects.uri(METADATA)}, the reference, does not exist: {way_out}") from None


def _reason(over: list[str], rows: int, threshold: float) -> str:
    if rows < LEAST_ROWS:
        return f"{rows:,} rows are too few to tell; {LEAST_ROWS} are needed"
    if over:
        return f"{', '.join(over)} above {threshold:g}"
    return f"every index is at most {threshold:g}"


def _page(found: dict[str, Any], source: str, reference_rows: int) -> str:
    threshold, mix = found["threshold"], found["class_mix"]

    def line(name: str, value: float) -> tuple[object, ...]:
        word = verdict(value <= threshold, "drifted" if value > threshold else "stable")
        return name, value, word, bar(value / (2 * threshold) if threshold else 1.0)

    classes = [
        (name, mix["reference"][name], mix["observed"][name], Markup(f"{bar(mix['observed'][name])}"))
        for name in CLASSES
    ]
    indices = [line(name, value) for name, value in found["psi"].items()]
    return page(
        "Drift",
        f"{found['rows']:,} recent objects against {reference_rows:,} training rows: {found['reason']}.",
        {
            "Population stability index": [
                table(("feature", "index", "", ""), [*indices, line("class mix", mix["psi"])]),
                paragraph(f"The threshold is {threshold:g}; a bar as wide as its column is twice that."),
            ],
            "Class mix": [table(("class", "training rows", "recent predictions", ""), classes)],
            "Observations": [paragraph(source)],
        },
    )
