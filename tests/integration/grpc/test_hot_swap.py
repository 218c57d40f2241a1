"""A new champion is put in use while calls and a stream run."""

import asyncio

import boto3
import pytest

from stellar.schema import EXAMPLE
from stellar.settings import Settings
from stellar.store import ModelStore
from stellar_service.contract import StarFeatures
from support import artefact
from support.model_bucket import ModelBucket
from support.moto import lead_to, moto_server
from support.stacks import until

GOOD = StarFeatures(**EXAMPLE)


@pytest.fixture
def bucket(monkeypatch):
    with moto_server() as s3:
        lead_to(s3, monkeypatch, "S3")
        bucket = ModelBucket("models", boto3.client("s3"))
        bucket.client.create_bucket(Bucket=bucket.name)
        yield bucket


@pytest.fixture
def store(bucket, tmp_path):
    bucket.promote(artefact.write(tmp_path / "v1", "v1"))
    store = ModelStore(Settings(bucket=bucket.name, cache_dir=tmp_path / "cache", refresh_seconds=0.05))
    yield store
    store.close()


async def test_new_champion_is_seen_by_running_calls_and_none_is_dropped(start, store, bucket, tmp_path):
    versions: dict[str, list[str]] = {"calls": [], "stream": []}

    async with start(store=store) as (_, stub):

        def swapped(kind):
            return versions[kind][-1:] == ["v2"]

        async def calls():
            while not swapped("calls"):
                versions["calls"].append((await stub.Predict(GOOD, timeout=30)).model_version)

        async def stream():
            call = stub.PredictStream()
            while not swapped("stream"):
                await call.write(GOOD)
                versions["stream"].append((await call.read()).model_version)
            await call.done_writing()

        async def crown():
            await until(lambda: bool(versions["calls"] and versions["stream"]))
            await asyncio.to_thread(bucket.promote, artefact.write(tmp_path / "v2", "v2"))

        await asyncio.wait_for(asyncio.gather(calls(), calls(), stream(), crown()), 60)
    assert store.classifier.version == "v2"
    for seen in versions.values():
        assert set(seen) == {"v1", "v2"}
    assert versions["stream"] == sorted(versions["stream"])
