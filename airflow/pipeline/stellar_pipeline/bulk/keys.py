"""Catalogues in object storage, a file at a time: what the tasks of a DAG and the map of a state machine run.

Beside each output lies a record of what it was made from: a file that is done already, by the same model and with the
same options, is not done again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

from stellar import Classifier, open_store
from stellar_pipeline.bulk.run import Options, classify, run_key
from stellar_pipeline.bulk.summary import Summary
from stellar_pipeline.object_store import MissingObjectError, Objects, open_root
from stellar_pipeline.reading.catalogue import find
from stellar_pipeline.reading.errors import CatalogueError


def find_files(source: str, target: str) -> list[dict[str, str]]:
    """The catalogues under a prefix, folder or glob, each with the name of its output under the target.

    Raises CatalogueError, StorageError.
    """
    if f"{target.rstrip('/')}/".startswith(f"{source.rstrip('/')}/"):
        raise CatalogueError(f"{target} lies within the source {source}: its files would be inputs next time")
    base = source.partition("*")[0].rpartition("/")[0] + "/" if "*" in source else source.rstrip("/") + "/"
    return [
        {"address": file, "name": f"{file.removeprefix(base).removeprefix('s3://').lstrip('/')}.parquet"}
        for file in find([source])
    ]


def classify_file(
    address: str, name: str, target: str, *, mapping: Mapping[str, str] | None = None, abstain: float = 0.0
) -> dict[str, Any]:
    """Classify one file into ``target/name``, by the champion of ``MODEL_BUCKET``; gives the summary.

    Raises CatalogueError, StorageError, OSError.
    """
    classifier, objects, options = _champion(), open_root(target), Options(dict(mapping or {}), abstain)
    record = f"{name}.json"
    with objects.workspace() as folder:
        out = folder / name.rpartition("/")[2]
        key = run_key([address], out, classifier.version, options)
        if (kept := _kept(objects, record)) and kept["key"] == key and objects.size(name) is not None:
            return {**kept, "skipped": True}
        summary = classify([address], out, classifier, options, lambda _: None)
        objects.put(name, out)
        bad = out.with_name(f"{out.name}.bad.csv")
        if bad.exists():
            objects.put(f"{name}.bad.csv", bad)
    made = {
        "key": key,
        "source": address,
        "out": objects.uri(name),
        "model_version": classifier.version,
        **summary.as_dict(),
    }
    objects.write(record, json.dumps(made, indent=1).encode())
    return {**made, "skipped": False}


def total(summaries: list[dict[str, Any]]) -> dict[str, Any]:
    """The counts of all files together."""
    counts = {name: sum(each[name] for each in summaries) for name in Summary.counts()}
    classes = {name: sum(each["classified"][name] for each in summaries) for name in summaries[0]["classified"]}
    return {"files": len(summaries), "skipped": sum(each["skipped"] for each in summaries), **counts, **classes}


def handler(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    """A Lambda function for batches of a Distributed Map: ``Items`` are objects of a bucket, as S3 lists them.

    ``BatchInput`` has ``bucket``, ``prefix`` and ``target``, and may have ``map`` and ``abstain``.
    """
    given = event["BatchInput"]
    done = [
        classify_file(
            f"s3://{given['bucket']}/{item['Key']}",
            f"{item['Key'].removeprefix(given['prefix']).lstrip('/')}.parquet",
            given["target"],
            mapping=given.get("map") or {},
            abstain=float(given.get("abstain") or 0.0),
        )
        for item in event["Items"]
        if item.get("Size") and not item["Key"].endswith("/")
    ]
    return total(done) if done else {"files": 0}


@cache
def _champion() -> Classifier:
    """One a process."""
    return open_store().classifier


def _kept(objects: Objects, record: str) -> dict[str, Any] | None:
    try:
        found: dict[str, Any] = json.loads(objects.read(record))
    except (MissingObjectError, ValueError):
        return None
    return found if "key" in found else None
