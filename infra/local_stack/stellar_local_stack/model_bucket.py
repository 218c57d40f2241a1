"""The S3 bucket that the local stack reads its model from: made, and given the default model if it has none."""

from __future__ import annotations

import hashlib
import json
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

BUCKET = "stellar-models"
POINTER = "models/champion.json"
FILES = ("model.onnx", "manifest.json")


def local_client(endpoint: str) -> S3Client:
    """An S3 client for a local endpoint, which asks for credentials but does not check them."""
    import boto3

    return boto3.client(
        "s3", endpoint_url=endpoint, region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test"
    )


def seed(client: S3Client, model_dir: Path, bucket: str = BUCKET) -> str:
    """Make the bucket and put the model there as champion, unless the bucket has a champion. Gives its version."""
    with suppress(client.exceptions.BucketAlreadyOwnedByYou):  # MinIO says so; moto and us-east-1 of S3 do not
        client.create_bucket(Bucket=bucket)
    try:
        pointer = client.get_object(Bucket=bucket, Key=POINTER)["Body"].read()
    except client.exceptions.NoSuchKey:
        return publish(client, model_dir, bucket)
    return str(json.loads(pointer)["version"])


def publish(client: S3Client, model_dir: Path, bucket: str = BUCKET) -> str:
    """Upload an artefact and point the champion at it, the pointer last. Gives its version."""
    manifest = (model_dir / "manifest.json").read_bytes()
    version = str(json.loads(manifest)["version"])
    for name in FILES:
        client.put_object(Bucket=bucket, Key=f"models/{version}/{name}", Body=(model_dir / name).read_bytes())
    pointer = {"version": version, "manifest_sha256": hashlib.sha256(manifest).hexdigest()}
    client.put_object(Bucket=bucket, Key=POINTER, Body=json.dumps(pointer).encode())
    return version
