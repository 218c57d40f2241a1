"""Where the pipeline keeps what it makes: a folder, or a bucket and prefix in S3, behind one small interface.

A file is written beside its place first and put there whole, so a reader never meets half of one. Which S3 it is comes
from the variables that every AWS tool knows: ``AWS_ENDPOINT_URL_S3``, ``AWS_ACCESS_KEY_ID`` and so on.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING

from stellar_pipeline.errors import TransientError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_SCHEME = "s3://"


class StorageError(RuntimeError):
    """The bucket or folder cannot be used."""


class StorageUnreachableError(StorageError, TransientError):
    """S3 does not answer, or fails of itself."""


class MissingObjectError(StorageError):
    """Nothing is kept under that name."""


class ConflictError(StorageError):
    """What was to be replaced has been changed by somebody else in the meantime."""


class Objects(ABC):
    """Named files under a root. Every method raises StorageError where the storage cannot be reached."""

    @abstractmethod
    def uri(self, name: str) -> str:
        """The full address of a name."""

    @abstractmethod
    def size(self, name: str) -> int | None:
        """Bytes of what is kept there; None if nothing is."""

    @abstractmethod
    def identity(self, name: str) -> dict[str, str]:
        """What tells the content from another: its SHA-256, or S3's ETag. Raises MissingObjectError."""

    @abstractmethod
    def names(self, prefix: str) -> list[str]:
        """The names that begin so, in order."""

    @abstractmethod
    def open(self, name: str) -> AbstractContextManager[Path]:
        """A local file with the content, for as long as the context lasts. Raises MissingObjectError."""

    @abstractmethod
    def put(self, name: str, file: Path) -> None:
        """Move a local file there, in one step; what was there is replaced."""

    def read(self, name: str) -> bytes:
        """The content. Raises MissingObjectError."""
        with self.open(name) as path:
            return path.read_bytes()

    @abstractmethod
    def read_tagged(self, name: str) -> tuple[bytes, str]:
        """The content, and a tag for ``replace`` to know it by. Raises MissingObjectError."""

    @abstractmethod
    def replace(self, name: str, content: bytes, tag: str | None) -> None:
        """Write, but only over the content that ``tag`` is of; None: only if there is nothing yet.

        Raises ConflictError if another has written there meanwhile.
        https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
        """

    def write(self, name: str, content: bytes) -> str:
        """Keep the content under the name; its address."""
        with self.workspace() as folder:
            (folder / "content").write_bytes(content)
            self.put(name, folder / "content")
        return self.uri(name)

    @contextmanager
    def workspace(self) -> Iterator[Path]:
        """A folder for files that are being made; what is left in it goes with the context."""
        with tempfile.TemporaryDirectory(prefix="stellar-pipeline-") as folder:
            yield Path(folder)


class Folder(Objects):
    """Files under a local folder."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def uri(self, name: str) -> str:
        return str(self._root / name)

    def size(self, name: str) -> int | None:
        try:
            return (self._root / name).stat().st_size
        except (FileNotFoundError, NotADirectoryError):
            return None

    def identity(self, name: str) -> dict[str, str]:
        with self.open(name) as path:
            return {"sha256": digest_file(path)}

    def names(self, prefix: str) -> list[str]:
        found = (path.relative_to(self._root).as_posix() for path in self._root.rglob("*") if path.is_file())
        return sorted(name for name in found if name.startswith(prefix))

    @contextmanager
    def open(self, name: str) -> Iterator[Path]:
        path = self._root / name
        if not path.is_file():
            raise MissingObjectError(f"{path} does not exist")
        yield path

    def put(self, name: str, file: Path) -> None:
        target = self._root / name
        part = target.with_name(f".{target.name}.part")
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.move(file, part)
            part.replace(target)
        except OSError as error:
            raise StorageError(f"{target} cannot be written: {error.strerror}") from None

    def read_tagged(self, name: str) -> tuple[bytes, str]:
        content = self.read(name)
        return content, hashlib.sha256(content).hexdigest()

    def replace(self, name: str, content: bytes, tag: str | None) -> None:
        target = self._root / name
        target.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(target.parent, os.O_RDONLY)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            if (self.read_tagged(name)[1] if target.exists() else None) != tag:
                raise ConflictError(f"{target} has changed meanwhile")
            self.write(name, content)
        finally:
            os.close(descriptor)


class Bucket(Objects):
    """Objects under a prefix of an S3 bucket."""

    def __init__(self, bucket: str, prefix: str) -> None:
        self._bucket = bucket
        self._prefix = f"{prefix}/" if prefix else ""
        self._client = _client()

    def uri(self, name: str) -> str:
        return f"{_SCHEME}{self._bucket}/{self._prefix}{name}"

    def size(self, name: str) -> int | None:
        try:
            with self._reached():
                found = self._client.head_object(Bucket=self._bucket, Key=self._prefix + name)
        except MissingObjectError:
            return None
        return found["ContentLength"]

    def identity(self, name: str) -> dict[str, str]:
        with self._reached(self.uri(name)):
            return {"etag": self._client.head_object(Bucket=self._bucket, Key=self._prefix + name)["ETag"].strip('"')}

    def names(self, prefix: str) -> list[str]:
        with self._reached():
            pages = self._client.get_paginator("list_objects_v2").paginate(
                Bucket=self._bucket, Prefix=self._prefix + prefix
            )
            keys = [each["Key"] for page in pages for each in page.get("Contents", ())]
        return sorted(key.removeprefix(self._prefix) for key in keys)

    @contextmanager
    def open(self, name: str) -> Iterator[Path]:
        with self.workspace() as folder:
            path = folder / Path(name).name
            with self._reached(self.uri(name)):
                self._client.download_file(self._bucket, self._prefix + name, str(path))
            yield path

    def put(self, name: str, file: Path) -> None:
        with self._reached():
            self._client.upload_file(str(file), self._bucket, self._prefix + name)

    def read_tagged(self, name: str) -> tuple[bytes, str]:
        with self._reached(self.uri(name)):
            found = self._client.get_object(Bucket=self._bucket, Key=self._prefix + name)
            return found["Body"].read(), found["ETag"]

    def replace(self, name: str, content: bytes, tag: str | None) -> None:
        condition = {"IfNoneMatch": "*"} if tag is None else {"IfMatch": tag}
        try:
            with self._reached(self.uri(name)):
                self._client.put_object(Bucket=self._bucket, Key=self._prefix + name, Body=content, **condition)  # type: ignore[arg-type]
        except MissingObjectError:  # it was there, and was deleted
            raise ConflictError(f"{self.uri(name)} has changed meanwhile") from None

    def create(self) -> None:
        """Make the bucket of an emulated S3, which nobody else would; a real one is its owner's to make."""
        with self._reached():
            try:
                self._client.head_bucket(Bucket=self._bucket)
            except self._client.exceptions.ClientError as error:
                if error.response["ResponseMetadata"]["HTTPStatusCode"] != 404:
                    raise
                if not (os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL")):
                    raise StorageError(
                        f"the bucket {self._bucket} does not exist: `aws s3 mb {_SCHEME}{self._bucket}` makes it"
                    ) from None
                self._client.create_bucket(Bucket=self._bucket)

    @contextmanager
    def _reached(self, what: str = "") -> Iterator[None]:
        """boto3's errors as this module's own."""
        from boto3.exceptions import Boto3Error
        from botocore.exceptions import BotoCoreError, ClientError, ConnectionError, HTTPClientError  # noqa: A004

        way_out = "set AWS_ENDPOINT_URL_S3 and AWS credentials (any, for a local S3)"
        try:
            yield
        except ClientError as error:
            status = error.response["ResponseMetadata"]["HTTPStatusCode"]
            if status == HTTPStatus.NOT_FOUND:
                raise MissingObjectError(f"{what or self.uri('')} does not exist") from None
            if status in (HTTPStatus.PRECONDITION_FAILED, HTTPStatus.CONFLICT):
                raise ConflictError(f"{what or self.uri('')} has changed meanwhile") from None
            kind = StorageUnreachableError if status >= HTTPStatus.INTERNAL_SERVER_ERROR else StorageError
            raise kind(f"{self.uri('')}: {error}") from None
        except (ConnectionError, HTTPClientError, Boto3Error) as error:  # Boto3Error: an upload that broke off
            raise StorageUnreachableError(f"{self.uri('')}: {error}; {way_out}") from None
        except BotoCoreError as error:
            raise StorageError(f"{self.uri('')}: {error}; {way_out}") from None


def open_root(root: str) -> Objects:
    """The root that ``s3://bucket/prefix``, or the path of a folder, names. Raises StorageError."""
    if not root.startswith(_SCHEME):
        return Folder(Path(root))
    bucket, _, prefix = root.removeprefix(_SCHEME).partition("/")
    if not bucket:
        raise StorageError(f"{root} names no bucket: s3://bucket/prefix does")
    objects = Bucket(bucket, prefix.strip("/"))
    objects.create()
    return objects


@contextmanager
def open_file(address: str) -> Iterator[Path]:
    """A local file with the content of ``s3://bucket/key`` or of a path. Raises StorageError."""
    objects, name = _locate(address)
    with objects.open(name) as file:
        yield file


def identify(address: str) -> dict[str, str]:
    """What tells a file's content from another's, without fetching it from S3. Raises StorageError."""
    objects, name = _locate(address)
    return objects.identity(name)


def digest_file(path: Path) -> str:
    """SHA-256 of a local file's content, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _locate(address: str) -> tuple[Objects, str]:
    if not address.startswith(_SCHEME):
        path = Path(address)
        return Folder(path.parent), path.name
    bucket, _, key = address.removeprefix(_SCHEME).partition("/")
    prefix, _, name = key.rpartition("/")
    return Bucket(bucket, prefix), name


def _client() -> S3Client:
    import boto3
    from botocore.config import Config

    region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or "us-east-1"
    retries = Config(retries={"mode": "standard", "max_attempts": 4}, connect_timeout=5, read_timeout=60)
    return boto3.client("s3", region_name=region, config=retries)
