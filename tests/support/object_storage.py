"""An S3 of the test's own on a random port, and a bucket in it, for what reads its address from the environment."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import TYPE_CHECKING

import boto3
import pytest

from support.moto import lead_to, moto_server

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


@pytest.fixture(scope="module")
def s3_endpoint() -> Iterator[str]:
    """The address of a running S3."""
    with moto_server() as url:
        yield url


@pytest.fixture
def s3(s3_endpoint: str, monkeypatch: pytest.MonkeyPatch) -> S3Client:
    """A client of it; the environment leads the code under test there, too."""
    lead_to(s3_endpoint, monkeypatch, "S3")
    return boto3.client("s3")


@pytest.fixture
def bucket(s3: S3Client) -> str:
    """The name of an empty bucket that no other test uses."""
    name = f"b-{uuid.uuid4().hex}"
    s3.create_bucket(Bucket=name)
    return name
