"""A new champion takes over in the running stack: all protocols, no restart, no failed request, no mixed batch."""

from __future__ import annotations

import json

import boto3
import pytest

from stellar.artefact import Artefact
from stellar.manifest import sha256
from stellar.settings import DEFAULT_MODEL_DIR
from stellar_pipeline.release.champions import Champions
from stellar_pipeline.release.promotion import promote, roll_back
from stellar_pipeline.release.serving_version import wait_for_all
from stellar_pipeline.release.smoke import smoke_test
from support.every_protocol import Load
from support.up import Up, until

BUCKET = "stellar-models"


@pytest.fixture
def up(monkeypatch, tmp_path):
    monkeypatch.setenv("MODEL_CACHE_DIR", str(tmp_path / "cache"))
    with Up() as running:
        yield running


@pytest.fixture
def s3(up, monkeypatch):
    """The stack's own S3, where promotion looks for it."""
    for name, value in {
        "AWS_ENDPOINT_URL_S3": up.url("s3"),
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
        "MODEL_BUCKET": BUCKET,
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    return boto3.client("s3")


def another(version: str) -> Artefact:
    """The shipped model under another version: its answers are as right, and tell that it was this one."""
    shipped = Artefact.read(DEFAULT_MODEL_DIR)
    manifest = shipped.manifest.model_copy(update={"version": version})
    return Artefact.verify(manifest.model_dump_json().encode(), shipped.model)


def point_at_a_damaged_model(s3, version: str) -> None:
    made = another(version)
    for name, body in (("model.onnx", made.model[:-1] + b"?"), ("manifest.json", made.manifest_bytes)):
        s3.put_object(Bucket=BUCKET, Key=f"models/{version}/{name}", Body=body)
    before = Champions.from_environment().record()
    previous = (before.version, *before.previous)
    pointer = {"version": version, "manifest_sha256": sha256(made.manifest_bytes), "previous": previous}
    s3.put_object(Bucket=BUCKET, Key="models/champion.json", Body=json.dumps(pointer).encode())


@pytest.mark.xdist_group("up")
@pytest.mark.timeout(300)
def test_promotion_and_rollback_reach_every_protocol_under_load(up, s3):
    first = up.get("/health")["model_version"]
    Champions.from_environment().export(another("v2"))
    with Load(up) as load:
        load.wait_until_all_say(first)
        processes = set(up.family())
        # WHEN another version is promoted THEN all protocols answer by it, each environment as soon as it has looked
        assert promote("v2")["previous"] == first
        load.wait_until_all_say("v2")
        assert smoke_test(up.url(), "v2")["labels"] == ["GALAXY", "QSO", "STAR", "GALAXY"]
        assert wait_for_all(up.url(), f"127.0.0.1:{up.ports['grpc']}", "v2", 30) == []
        # WHEN a damaged one is pointed at THEN it is refused, told, and v2 goes on
        point_at_a_damaged_model(s3, "v3")
        until(lambda: up.get("/health")["status"] == "degraded")
        load.wait_until_all_say("v2")
        # WHEN v2 is promoted anew, and rolled back THEN the first model answers again
        promote("v2")
        until(lambda: up.get("/health")["status"] == "ok")
        roll_back(first)
        load.wait_until_all_say(first)
        assert processes <= set(up.family())
    for name, seen in load.seen.items():
        assert (name, seen.failures, seen.mixed) == (name, [], [])
        assert (name, seen.versions, seen.labels) == (name, {first, "v2"}, {"GALAXY"})
