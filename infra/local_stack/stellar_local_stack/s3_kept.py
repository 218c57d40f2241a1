"""Keeps what moto's S3 holds in a folder, so that a server that was killed comes back with it.

A request that changes something is answered once the change is on disk. Kept are buckets and, of each object, its
newest content, its metadata and the headers that are told with it; not kept are older versions, tags, rules and
uploads that are not complete. One file an object: a line of JSON, then the content.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote
from xml.etree import ElementTree

from werkzeug.test import Client

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_READING = frozenset({"GET", "HEAD", "OPTIONS"})
_TOLD = ("content-type", "content-encoding", "content-disposition", "content-language", "cache-control", "expires")
_SIGNED = {"Authorization": "AWS4-HMAC-SHA256 Credential=test/20250101/us-east-1/s3/aws4_request, Signature=none"}
_PLAIN_HOST = re.compile(r"(localhost|[\d.]+|\[[\da-f:]+\])(:\d+)?", re.IGNORECASE)
_NAMESPACE = "{http://s3.amazonaws.com/doc/2006-03-01/}"


class KeptObjects:
    """A WSGI application (PEP 3333) around moto's. What the folder holds is put into moto first."""

    def __init__(self, app: WSGIApplication, folder: Path) -> None:
        self._app = app
        self._client = Client(app)
        self._folder = folder
        self._lock = threading.Lock()
        folder.mkdir(parents=True, exist_ok=True)
        self._restore()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        authorization = environ.get("HTTP_AUTHORIZATION", "")
        if environ["REQUEST_METHOD"] in _READING or (authorization and "/s3/" not in authorization):
            return self._app(environ, start_response)
        # Before the answer's first byte, and with it its status, goes to the client.
        body = list(self._app(environ, start_response))
        bucket, _, key = environ["PATH_INFO"].encode("latin-1").decode("utf-8", "replace").lstrip("/").partition("/")
        with self._lock:
            if key and bucket != "moto-api" and _PLAIN_HOST.fullmatch(environ.get("HTTP_HOST", "")):
                self._keep(bucket, key)
            else:
                self._keep_all()
        return body

    def _restore(self) -> None:
        for bucket in sorted(each for each in self._folder.iterdir() if each.is_dir()):
            self._put(f"/{bucket.name}", {}, b"")
            for path in sorted(bucket.glob("*.object")):
                head, _, content = path.read_bytes().partition(b"\n")
                about = json.loads(head)
                self._put(f"/{bucket.name}/{quote(about['key'])}", about["headers"], content)

    def _put(self, address: str, headers: dict[str, str], content: bytes) -> None:
        answer = self._client.put(address, data=content, headers={**headers, **_SIGNED})
        if answer.status_code >= 300:
            raise RuntimeError(f"S3 does not take back {address} from {self._folder}: {answer.text}")

    def _keep(self, bucket: str, key: str) -> None:
        """Have the file of an object say what the server does."""
        path = self._file(bucket, key)
        answer = self._client.get(f"/{bucket}/{quote(key)}", headers=_SIGNED)
        if answer.status_code != 200:
            path.unlink(missing_ok=True)
            return
        told = {name.lower(): value for name, value in answer.headers.items()}
        headers = {name: value for name, value in told.items() if name in _TOLD or name.startswith("x-amz-meta-")}
        path.parent.mkdir(exist_ok=True)
        unfinished = path.with_suffix(".unfinished")
        unfinished.write_bytes(json.dumps({"key": key, "headers": headers}).encode() + b"\n" + answer.data)
        unfinished.replace(path)

    def _keep_all(self) -> None:
        """The same for all buckets, where a request may have changed more than one object."""
        buckets = set(self._listed("/", "Name"))
        for folder in self._folder.iterdir():
            if folder.is_dir() and folder.name not in buckets:
                shutil.rmtree(folder)
        for bucket in buckets:
            (self._folder / bucket).mkdir(exist_ok=True)
            keys = set(self._keys(bucket))
            files = {self._file(bucket, key) for key in keys}
            for path in (self._folder / bucket).glob("*.object"):
                if path not in files:
                    path.unlink()
            for key in keys:
                self._keep(bucket, key)

    def _keys(self, bucket: str) -> Iterator[str]:
        after = ""
        while page := list(self._listed(f"/{bucket}?list-type=2&start-after={quote(after, safe='')}", "Key")):
            yield from page
            after = page[-1]

    def _listed(self, address: str, name: str) -> Iterator[str]:
        root = ElementTree.fromstring(self._client.get(address, headers=_SIGNED).data)  # noqa: S314 (moto wrote it)
        # A list of objects names its bucket too; what is listed is one level down.
        return (found.text or "" for each in root for found in each.iter(f"{_NAMESPACE}{name}") if each is not found)

    def _file(self, bucket: str, key: str) -> Path:
        return self._folder / bucket / f"{hashlib.sha256(key.encode()).hexdigest()}.object"
