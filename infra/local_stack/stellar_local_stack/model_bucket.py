"""The S3 bucket that the local stack reads its model from: made, and given the default model if it has none."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from stellar.champion import RECORD_KEY, ChampionRecord, artefact_key
from stellar.manifest import MANIFEST_FILE, MODEL_FILE, sha256

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

BUCKET = "stellar-models"


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
        return _champion(client, bucket)
    except client.exceptions.NoSuchKey:
        return _publish(client, model_dir, bucket)


def _champion(client: S3Client, bucket: str) -> str:
    content = client.get_object(Bucket=bucket, Key=RECORD_KEY)["Body"].read()
    return ChampionRecord.model_validate_json(content).version


def _publish(client: S3Client, model_dir: Path, bucket: str) -> str:
    """Upload an artefact and make it the champion, unless another has become it meanwhile. Gives the champion."""
    manifest = (model_dir / MANIFEST_FILE).read_bytes()
    version = str(json.loads(manifest)["version"])
    for name in (MODEL_FILE, MANIFEST_FILE):
        client.put_object(Bucket=bucket, Key=artefact_key(version, name), Body=(model_dir / name).read_bytes())
    record = ChampionRecord(version=version, manifest_sha256=sha256(manifest))
    try:
        client.put_object(
            Bucket=bucket, Key=RECORD_KEY, Body=record.model_dump_json(exclude_none=True).encode(), IfNoneMatch="*"
        )
    except client.exceptions.ClientError as error:
        if error.response["Error"]["Code"] != "PreconditionFailed":
            raise
        return _champion(client, bucket)
    return version
