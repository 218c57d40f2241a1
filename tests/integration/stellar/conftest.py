"""S3 on a random port, buckets of the test's own, and stores that read from them."""

from __future__ import annotations

import os
import uuid
from dataclasses import replace

import pytest

from stellar import last_good
from stellar.settings import Settings
from stellar.store import ModelStore
from support import artefact
from support.model_bucket import ModelBucket
from support.object_storage import s3, s3_endpoint

__all__ = ["s3", "s3_endpoint"]

S3_BUDGET = 2.0


@pytest.fixture(autouse=True)
def environment(s3):
    """Everything is led to that S3, whether a test asks for it or not."""


@pytest.fixture
def bucket(s3):
    """A bucket of the test's own."""
    bucket = ModelBucket(f"models-{uuid.uuid4().hex}", s3)
    s3.create_bucket(Bucket=bucket.name)
    return bucket


@pytest.fixture
def default(tmp_path):
    return artefact.write(tmp_path / "default", "default")


@pytest.fixture
def kept_in(tmp_path):
    """The folder where stores of ``open_store`` keep a bucket's last good champion."""
    return lambda bucket: last_good.folder_for(tmp_path / "cache", bucket, os.environ["AWS_ENDPOINT_URL_S3"])


@pytest.fixture
def open_store(tmp_path, default):
    """Opens stores that share a cache folder, and closes them."""
    stores = []

    def _open(bucket: str, **settings) -> ModelStore:
        values = {"cache_dir": tmp_path / "cache", "default_dir": default, "refresh_seconds": 0.05} | settings
        wanted = replace(Settings.from_environment(), bucket=bucket, s3_budget_seconds=S3_BUDGET, **values)
        stores.append(ModelStore(wanted))
        return stores[-1]

    yield _open
    for store in stores:
        store.close()
