"""S3 that is away, slow, or gives something else than a champion: the model in use goes on answering, and says so."""

from __future__ import annotations

import logging
import threading
import time

import pytest

from stellar import last_good
from stellar.artefact import Artefact
from stellar.champion import RECORD_KEY, artefact_key
from stellar.schema import EXAMPLE
from stellar.store import ModelStore
from stellar.validation import validate
from support import artefact
from support.faulty_servers import endless, nonsense, promises_more_than_it_sends, server, silent, web_page
from support.moto import moto_server
from support.ports import free_ports

BUCKET = "models"
BUDGET = 2.0


def answers_as(store: ModelStore) -> str:
    (prediction,) = store.classifier.classify(validate([EXAMPLE]))
    return prediction.model_version


def wait_until(condition, seconds: float = 15) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.01)


def test_champion_is_used_and_kept_on_disk(bucket, open_store, kept_in, tmp_path):
    bucket.promote(artefact.write(tmp_path / "v1", "v1"))
    store = open_store(bucket.name)
    assert (answers_as(store), store.status().source, store.status().last_error) == ("v1", "s3", None)
    wait_until((kept_in(bucket.name) / "champion.zip").exists)


def test_new_champion_is_swapped_in_and_an_unchanged_one_is_not_loaded_again(bucket, open_store, tmp_path):
    bucket.promote(artefact.write(tmp_path / "v1", "v1"))
    store = open_store(bucket.name)
    first, seen = store.classifier, store.status().checked_at
    wait_until(lambda: store.status().checked_at != seen)
    assert store.classifier is first
    bucket.promote(artefact.write(tmp_path / "v2", "v2"))
    wait_until(lambda: answers_as(store) == "v2")
    assert store.status().source == "s3"


@pytest.mark.parametrize("behaviour", [silent, nonsense, web_page, promises_more_than_it_sends, endless])
def test_s3_that_does_not_answer_well_costs_no_more_than_the_budget(behaviour, open_store, monkeypatch, caplog):
    with server(behaviour) as address:
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", address)
        began = time.monotonic()
        store = open_store(BUCKET)
        assert time.monotonic() - began < BUDGET + 8  # the budget, and a generous while for a busy machine
        assert (answers_as(store), store.status().source) == ("default", "default")
        assert store.status().last_error
        assert "cannot be used" in caplog.text


def test_last_good_copy_answers_while_s3_is_away(bucket, open_store, kept_in, tmp_path, monkeypatch, caplog):
    with moto_server() as s3:
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", s3)
        bucket.promote(artefact.write(tmp_path / "v1", "v1"))
        open_store(bucket.name)
        wait_until((kept_in(bucket.name) / "champion.zip").exists)
    store = open_store(bucket.name)
    assert (answers_as(store), store.status().source) == ("v1", "disk")
    assert store.status().last_error
    assert "cannot be used" in caplog.text


@pytest.mark.parametrize("address", ["http://127.0.0.1:9", "no address"])
def test_a_bucket_of_the_same_name_elsewhere_has_no_copy(address, bucket, open_store, kept_in, tmp_path, monkeypatch):
    bucket.promote(artefact.write(tmp_path / "v1", "v1"))
    open_store(bucket.name)
    wait_until((kept_in(bucket.name) / "champion.zip").exists)
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", address)
    store = open_store(bucket.name)
    assert (answers_as(store), store.status().source) == ("default", "default")
    assert store.status().last_error


def test_another_bucket_s_copy_is_not_used(bucket, open_store, kept_in, tmp_path):
    bucket.promote(artefact.write(tmp_path / "v1", "v1"))
    open_store(bucket.name)
    wait_until((kept_in(bucket.name) / "champion.zip").exists)
    store = open_store("no-such-bucket")
    assert (answers_as(store), store.status().source) == ("default", "default")


def test_s3_that_comes_back_is_used_again(bucket, open_store, tmp_path, monkeypatch):
    bucket.promote(artefact.write(tmp_path / "v1", "v1"))
    (port,) = free_ports(1)
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", f"http://127.0.0.1:{port}")
    store = open_store(bucket.name)
    assert answers_as(store) == "default"
    with moto_server(port):
        wait_until(lambda: answers_as(store) == "v1")
    assert store.status().source == "s3"


def test_missing_bucket_is_told(open_store):
    store = open_store("no-such-bucket")
    assert answers_as(store) == "default"
    assert "NoSuchBucket" in store.status().last_error


def test_pointer_to_a_version_that_is_not_there_is_told_and_the_model_in_use_stays(bucket, open_store, tmp_path):
    bucket.promote(artefact.write(tmp_path / "v1", "v1"))
    store = open_store(bucket.name)
    bucket.point(artefact.write(tmp_path / "v2", "v2"))
    wait_until(lambda: store.status().last_error)
    assert "models/v2/manifest.json: NoSuchKey" in store.status().last_error
    assert answers_as(store) == "v1"
    # WHEN the version comes after its pointer THEN it is used, and the error is over
    bucket.upload(tmp_path / "v2")
    wait_until(lambda: answers_as(store) == "v2")
    assert store.status().last_error is None


@pytest.mark.parametrize("pointer", [b"", b"{}", b'{"version": "../x", "manifest_sha256": ""}', b"\xff"])
def test_pointer_that_is_none_is_refused(pointer, bucket, open_store):
    bucket.put(RECORD_KEY, pointer)
    store = open_store(bucket.name)
    assert answers_as(store) == "default"
    assert "not a champion record" in store.status().last_error


def damaged(content: bytes) -> bytes:
    return content[:-1] + bytes([content[-1] ^ 1])


@pytest.mark.parametrize(
    ("name", "change"), [("model.onnx", damaged), ("model.onnx", lambda b: b[:-9]), ("manifest.json", damaged)]
)
def test_artefact_that_is_not_what_its_hash_says_is_refused(name, change, bucket, open_store, tmp_path, caplog):
    bucket.promote(artefact.write(tmp_path / "v1", "v1"))
    store = open_store(bucket.name)
    folder = artefact.write(tmp_path / "v2", "v2")
    bucket.upload(folder)
    bucket.put(artefact_key("v2", name), change((folder / name).read_bytes()))
    bucket.point(folder)
    wait_until(lambda: store.status().last_error)
    assert name in store.status().last_error
    assert answers_as(store) == "v1"
    assert "another model answers" in caplog.text


def test_problem_that_lasts_is_logged_once(bucket, open_store, caplog):
    store = open_store(bucket.name)
    seen = store.status().checked_at
    wait_until(lambda: store.status().checked_at != seen)
    assert sum("cannot be used" in record.message for record in caplog.records) == 1


def test_damaged_copy_on_disk_is_not_used(open_store, kept_in, monkeypatch, caplog):
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:9")
    kept_in(BUCKET).mkdir(parents=True, mode=0o700)
    (kept_in(BUCKET) / "champion.zip").write_bytes(b"PK\x03\x04 damaged")
    store = open_store(BUCKET)
    assert (answers_as(store), store.status().source) == ("default", "default")
    assert "kept on disk cannot be used" in caplog.text


def test_a_copy_that_another_user_could_have_planted_is_not_used(open_store, kept_in, tmp_path, monkeypatch, caplog):
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:9")
    last_good.keep(Artefact.read(artefact.write(tmp_path / "v1", "v1")), kept_in(BUCKET))
    kept_in(BUCKET).chmod(0o777)
    store = open_store(BUCKET)
    assert (answers_as(store), store.status().source) == ("default", "default")
    assert "not a folder of this user's alone" in caplog.text


def test_batches_under_load_are_never_answered_by_two_models(bucket, open_store, tmp_path):
    folders = [artefact.write(tmp_path / name, name) for name in ("v1", "v2")]
    for folder in folders:
        bucket.upload(folder)
    bucket.point(folders[0])
    store = open_store(bucket.name, refresh_seconds=0.01)
    batch = validate([EXAMPLE | {"redshift": None if row % 2 else 0.5} for row in range(300)])
    seen: set[str] = set()
    mixed: list[set[str]] = []
    stop = threading.Event()

    def ask() -> None:
        while not stop.is_set():
            versions = {prediction.model_version for prediction in store.classifier.classify(batch)}
            seen.update(versions)
            if len(versions) != 1:
                mixed.append(versions)

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    try:
        for turn in range(8):
            folder = folders[(turn + 1) % 2]
            bucket.point(folder)
            wait_until(lambda wanted=folder.name: store.classifier.version == wanted, seconds=60)
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert seen == {"v1", "v2"}
    assert mixed == []


def test_no_bucket_means_that_s3_is_never_asked(open_store, caplog, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:9")
    with caplog.at_level(logging.WARNING):
        store = open_store("")
    assert (answers_as(store), store.status().source, store.status().checked_at) == ("default", "default", None)
    assert not store.refresh()
    assert caplog.text == ""
