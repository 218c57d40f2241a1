"""S3 on a random port, buckets of the test's own, and stores that read from them."""

from __future__ import annotations

import os
import uuid
from dataclasses import replace

import boto3
import pytest
from moto.server import ThreadedMotoServer

from stellar import last_good
from stellar.settings import Settings
from stellar.store import ModelStore
from support import artefact
from support.model_bucket import ModelBucket

S3_BUDGET = 2.0


@pytest.fixture(scope="module")
def endpoint():
    server = ThreadedMotoServer("127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(autouse=True)
def environment(monkeypatch, endpoint):
    for name, value in {
        "AWS_ENDPOINT_URL_S3": endpoint,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
    }.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def bucket():
    """A bucket of the test's own."""
    bucket = ModelBucket(f"models-{uuid.uuid4().hex}", boto3.client("s3"))
    bucket.client.create_bucket(Bucket=bucket.name)
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
