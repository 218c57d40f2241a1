"""The champion record in S3, changed by several at once."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from stellar.artefact import Artefact
from stellar.settings import DEFAULT_MODEL_DIR
from stellar_local_stack.model_bucket import seed
from stellar_pipeline.object_store import ConflictError, StorageUnreachableError, open_root
from stellar_pipeline.release.champions import Champions
from support import artefact
from support.object_storage import bucket, s3, s3_endpoint

__all__ = ["bucket", "s3", "s3_endpoint"]


def test_promotions_at_once_are_all_remembered(bucket):
    versions = [f"v{number}" for number in range(4)]
    model = artefact.model_bytes()
    champions = Champions(open_root(f"s3://{bucket}/models"))
    for version in versions:
        champions.export(Artefact.verify(json.dumps(artefact.manifest(model, version)).encode(), model))

    with ThreadPoolExecutor(len(versions)) as pool:
        list(pool.map(lambda version: Champions(open_root(f"s3://{bucket}/models")).promote(version), versions))
    record = champions.record()
    assert sorted([record.version, *record.previous]) == versions


def test_what_has_changed_is_not_replaced(bucket):
    objects = open_root(f"s3://{bucket}/x")
    objects.replace("a", b"1", None)
    _, tag = objects.read_tagged("a")
    with pytest.raises(ConflictError):
        objects.replace("a", b"2", None)
    objects.replace("a", b"2", tag)
    with pytest.raises(ConflictError):
        objects.replace("a", b"3", tag)
    assert objects.read("a") == b"2"


def test_the_seed_leaves_a_champion_in_its_place(s3, bucket):
    seeded = seed(s3, DEFAULT_MODEL_DIR, bucket)
    champions = Champions(open_root(f"s3://{bucket}/models"))
    assert champions.record().version == seeded
    model = artefact.model_bytes()
    champions.export(Artefact.verify(json.dumps(artefact.manifest(model, "v1")).encode(), model))
    champions.promote("v1")
    assert seed(s3, DEFAULT_MODEL_DIR, bucket) == "v1"
    assert champions.record().previous == (seeded,)


def test_s3_that_is_away_may_be_back(bucket, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:9")
    with pytest.raises(StorageUnreachableError):
        open_root(f"s3://{bucket}/models")
