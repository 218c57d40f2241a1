"""What moto's S3 keeps in a folder: the same for a server that starts anew."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from moto.backends import get_backend
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.test import Client

from stellar_local_stack.s3_kept import KeptObjects

SIGNED = {"Authorization": "AWS4-HMAC-SHA256 Credential=a/20250101/us-east-1/s3/aws4_request"}


@pytest.fixture(autouse=True)
def forgetful() -> Iterator[None]:
    forget()
    yield
    forget()


def forget() -> None:
    """What a server forgets when it is killed: all."""
    for account in get_backend("s3").values():
        account["aws"].reset()


def started(folder: Path) -> Client:
    return Client(KeptObjects(DomainDispatcherApplication(create_backend_app), folder))


def restarted(folder: Path) -> Client:
    forget()
    return started(folder)


def test_objects_come_back_with_their_content_and_metadata(tmp_path: Path) -> None:
    first = started(tmp_path)
    key = quote("models/größe 1+2%/model.onnx")
    assert first.put("/stellar-models", headers=SIGNED).status_code == 200
    headers = {"x-amz-meta-version": "7", "content-type": "application/x-onnx", "cache-control": "no-store"}
    content = bytes(range(256)) + b"\n" + bytes(1000)
    assert first.put(f"/stellar-models/{key}", data=content, headers={**headers, **SIGNED}).status_code == 200
    assert first.put("/stellar-models/empty", headers=SIGNED).status_code == 200
    answer = restarted(tmp_path).get(f"/stellar-models/{key}", headers=SIGNED)
    assert answer.data == content
    assert {name: answer.headers[name] for name in headers} == headers
    assert started(tmp_path).get("/stellar-models/empty", headers=SIGNED).data == b""


def test_the_last_content_counts_and_what_is_deleted_stays_so(tmp_path: Path) -> None:
    first = started(tmp_path)
    first.put("/bucket", headers=SIGNED)
    for key, text in (("a", b"1"), ("b", b"1"), ("c", b"1"), ("a", b"2")):
        first.put(f"/bucket/{key}", data=text, headers=SIGNED)
    assert first.delete("/bucket/b", headers=SIGNED).status_code == 204
    several = b'<Delete xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Object><Key>c</Key></Object></Delete>'
    assert first.post("/bucket?delete", data=several, headers=SIGNED).status_code == 200
    second = restarted(tmp_path)
    assert second.get("/bucket/a", headers=SIGNED).data == b"2"
    assert second.get("/bucket/b", headers=SIGNED).status_code == 404
    assert second.get("/bucket/c", headers=SIGNED).status_code == 404
    second.delete("/bucket/a", headers=SIGNED)
    assert second.delete("/bucket", headers=SIGNED).status_code == 204
    assert restarted(tmp_path).get("/bucket", headers=SIGNED).status_code == 404


def test_a_bucket_in_the_host_name_and_a_reset_are_seen(tmp_path: Path) -> None:
    first = started(tmp_path)
    first.put("/bucket", headers=SIGNED)
    there = {"base_url": "http://bucket.localhost:4566", "headers": SIGNED}
    assert first.put("/key", data=b"x", **there).status_code == 200  # type: ignore[arg-type]
    assert restarted(tmp_path).get("/bucket/key", headers=SIGNED).data == b"x"
    assert started(tmp_path).post("/moto-api/reset").status_code == 200
    assert restarted(tmp_path).get("/bucket", headers=SIGNED).status_code == 404


def test_an_object_that_cannot_be_kept_is_not_said_to_be(tmp_path: Path) -> None:
    first = started(tmp_path)
    first.put("/bucket", headers=SIGNED)
    (tmp_path / "bucket").rename(tmp_path / "elsewhere")
    (tmp_path / "bucket").write_bytes(b"in the way")
    with pytest.raises(OSError, match="bucket"):
        first.put("/bucket/key", data=b"x", headers=SIGNED)
