"""Folders of code as zip files in a bucket, and the template that points there; as ``aws cloudformation package``.

A file's name has the hash of its content, so that what did not change is not sent again and its function is left
alone.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stellar_deploy.errors import DeployError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

CODE = {"AWS::Serverless::Function": "CodeUri", "AWS::Serverless::LayerVersion": "ContentUri"}
LARGEST = 250 * 1024 * 1024
"""Bytes of a function with its layers, unzipped; Lambda's limit."""

_EPOCH = (1980, 1, 1, 0, 0, 0)  # of every entry, so that the same files give the same zip


def package(template: dict[str, Any], folder: Path, s3: S3Client, bucket: str, say: Callable[[str], None]) -> Any:
    """The template with its code in the bucket. Raises DeployError if a folder is too large for Lambda."""
    packaged = deepcopy(template)
    for logical_id, resource in packaged["Resources"].items():
        name = CODE.get(resource["Type"])
        if name is None:
            continue
        source = folder / resource["Properties"][name]
        content, size = zipped(source)
        if size > LARGEST:
            raise DeployError(f"{logical_id} has {size / 1e6:.0f} MB unzipped; Lambda takes {LARGEST / 1e6:.0f} MB")
        key = f"code/{logical_id}-{hashlib.sha256(content).hexdigest()[:16]}.zip"
        s3.put_object(Bucket=bucket, Key=key, Body=content)
        say(f"{logical_id}: {size / 1e6:.0f} MB, {len(content) / 1e6:.0f} MB zipped")
        resource["Properties"][name] = f"s3://{bucket}/{key}"
    return packaged


def zipped(folder: Path) -> tuple[bytes, int]:
    """A zip of the folder, and its size unzipped [bytes]."""
    target, size = io.BytesIO(), 0
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for path in sorted(each for each in folder.rglob("*") if each.is_file() and "__pycache__" not in each.parts):
            entry = zipfile.ZipInfo(path.relative_to(folder).as_posix(), _EPOCH)
            entry.external_attr = (path.stat().st_mode & 0xFFFF) << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, path.read_bytes())
            size += path.stat().st_size
    return target.getvalue(), size
