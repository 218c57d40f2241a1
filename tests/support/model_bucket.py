"""A bucket of models as the training pipeline leaves it, made by hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from stellar.champion import RECORD_KEY, artefact_key
from support import artefact

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


class ModelBucket:
    """A bucket, and what is put there: an artefact (``upload``), a pointer to it (``point``), both (``promote``)."""

    def __init__(self, name: str, client: S3Client) -> None:
        self.name = name
        self.client = client

    def put(self, key: str, body: bytes) -> None:
        self.client.put_object(Bucket=self.name, Key=key, Body=body)

    def upload(self, folder: Path) -> None:
        version = artefact.pointer(folder)["version"]
        for name in ("model.onnx", "manifest.json"):
            self.put(artefact_key(version, name), (folder / name).read_bytes())

    def point(self, folder: Path, *previous: str) -> None:
        self.put(RECORD_KEY, json.dumps({**artefact.pointer(folder), "previous": previous}).encode())

    def promote(self, folder: Path) -> None:
        self.upload(folder)
        self.point(folder)
