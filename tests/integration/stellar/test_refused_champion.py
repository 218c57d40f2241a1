"""A champion that cannot be served is refused once, not fetched again and again, and the model in use goes on."""

from __future__ import annotations

import json
import time
from collections import Counter

import numpy as np
import pytest

from stellar import last_good
from stellar.champion import RECORD_KEY
from stellar.manifest import FEATURES
from stellar.schema import EXAMPLE
from stellar.validation import validate
from support import artefact


def answers_as(store) -> str:
    (prediction,) = store.classifier.classify(validate([EXAMPLE]))
    return prediction.model_version


def wait_until(condition, seconds: float = 15) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.01)


def looks_again(store, times: int = 3) -> None:
    for _ in range(times):
        seen = store.status().checked_at
        wait_until(lambda seen=seen: store.status().checked_at != seen)


@pytest.fixture
def fetched(monkeypatch):
    """How often each key was asked for, counted at the wire's own client."""
    from stellar.champion import ChampionBucket

    counts: Counter[str] = Counter()
    get = ChampionBucket._get

    def counted(self, key, **condition):
        counts[key] += 1
        return get(self, key, **condition)

    monkeypatch.setattr(ChampionBucket, "_get", counted)
    return counts


BAD = {
    "another shape": ({"model": artefact.model_bytes(width=12)}, "float32 of shape"),
    "features in another order": ({"features": FEATURES[::-1]}, "features are"),
    "NaN for plain objects": ({"model": artefact.model_bytes(scale=np.nan)}, "no probabilities"),
    "no photometric output": ({"model": artefact.model_bytes(outputs=("spectroscopic",))}, "no photometric output"),
    "classes in another order": ({"classes": ["STAR", "QSO", "GALAXY"]}, "classes are"),
    "not an ONNX file": ({"model": b"no model"}, "cannot load the model"),
}


@pytest.mark.parametrize("fault", BAD)
def test_bad_artefact_is_refused_and_the_old_one_goes_on(fault, bucket, open_store, tmp_path, fetched):
    changes, reason = BAD[fault]
    bucket.promote(artefact.write(tmp_path / "v1", "v1"))
    store = open_store(bucket.name)
    bucket.promote(artefact.write(tmp_path / "v2", "v2", **changes))
    wait_until(lambda: store.status().last_error)
    looks_again(store)
    assert reason in store.status().last_error
    assert (answers_as(store), store.status().version) == ("v1", "v1")
    # THEN it was fetched once, however often the pointer was looked at
    assert fetched["models/v2/model.onnx"] == 1
    assert fetched[RECORD_KEY] > 3


def test_a_sound_champion_after_a_refused_one_is_used(bucket, open_store, tmp_path):
    bucket.promote(artefact.write(tmp_path / "v1", "v1"))
    store = open_store(bucket.name)
    bucket.promote(artefact.write(tmp_path / "v2", "v2", features=FEATURES[::-1]))
    wait_until(lambda: store.status().last_error)
    bucket.promote(artefact.write(tmp_path / "v3", "v3"))
    wait_until(lambda: answers_as(store) == "v3")
    assert store.status().last_error is None


def test_going_back_from_a_refused_champion_ends_the_error_and_loads_nothing(bucket, open_store, tmp_path, fetched):
    bucket.promote(artefact.write(tmp_path / "v1", "v1"))
    store = open_store(bucket.name)
    in_use = store.classifier
    bucket.promote(artefact.write(tmp_path / "v2", "v2", features=FEATURES[::-1]))
    wait_until(lambda: store.status().last_error)
    bucket.point(tmp_path / "v1")
    wait_until(lambda: store.status().last_error is None)
    looks_again(store)
    assert store.classifier is in_use
    assert fetched["models/v1/model.onnx"] == 1


def test_a_repaired_version_is_used_when_its_pointer_is_written_anew(bucket, open_store, tmp_path):
    bucket.promote(artefact.write(tmp_path / "v1", "v1"))
    store = open_store(bucket.name)
    good = artefact.write(tmp_path / "v2", "v2")
    bucket.upload(good)
    bucket.put("models/v2/model.onnx", b"damaged")
    bucket.point(good)
    wait_until(lambda: store.status().last_error)
    bucket.upload(good)
    bucket.put(RECORD_KEY, json.dumps({**artefact.pointer(good), "since": "2026-01-01T00:00:00Z"}).encode())
    wait_until(lambda: answers_as(store) == "v2")


def test_a_refused_champion_is_still_named_after_s3_was_away(bucket, open_store, tmp_path, monkeypatch):
    from stellar.champion import ChampionBucket, ChampionUnavailableError

    bucket.promote(artefact.write(tmp_path / "v1", "v1"))
    store = open_store(bucket.name)
    bucket.promote(artefact.write(tmp_path / "v2", "v2", features=FEATURES[::-1]))
    wait_until(lambda: store.status().last_error)

    def away(self, key, **condition):
        raise ChampionUnavailableError("S3 is away")

    with monkeypatch.context() as patch:
        patch.setattr(ChampionBucket, "_get", away)
        wait_until(lambda: store.status().last_error == "S3 is away")
    wait_until(lambda: "features are" in (store.status().last_error or ""))


@pytest.fixture
def v3(bucket, tmp_path):
    """v1, v2 and v3 lie in the bucket, and v3 cannot be served."""
    for version in ("v1", "v2"):
        bucket.upload(artefact.write(tmp_path / version, version))
    folder = artefact.write(tmp_path / "v3", "v3", features=FEATURES[::-1])
    bucket.upload(folder)
    return folder


def test_a_store_that_missed_a_champion_takes_it_when_the_next_one_is_refused(
    bucket, open_store, tmp_path, v3, fetched
):
    bucket.point(tmp_path / "v1")
    store = open_store(bucket.name, refresh_seconds=0)
    # WHEN it did not look while v2 was the champion
    bucket.point(v3, "v2", "v1")
    assert store.refresh()
    # THEN it answers as those that did, and says that the champion is refused
    assert (answers_as(store), store.status().source) == ("v2", "s3")
    assert "features are" in store.status().last_error
    # THEN neither is fetched again
    assert not store.refresh()
    assert "features are" in store.status().last_error
    assert (fetched["models/v2/model.onnx"], fetched["models/v3/model.onnx"]) == (1, 1)


def test_a_store_opened_under_a_refused_champion_answers_with_the_one_before(bucket, open_store, kept_in, v3):
    bucket.point(v3, "v2", "v1")
    store = open_store(bucket.name, refresh_seconds=0)
    assert (answers_as(store), store.status().source) == ("v2", "s3")
    assert "features are" in store.status().last_error
    assert last_good.recall(kept_in(bucket.name)).version == "v2"


def test_champions_before_that_cannot_be_served_either_are_passed_over(bucket, open_store, v3):
    bucket.put("models/v2/model.onnx", b"damaged")
    bucket.point(v3, "never-exported", "v2", "v1")
    store = open_store(bucket.name, refresh_seconds=0)
    assert answers_as(store) == "v1"
    assert "features are" in store.status().last_error


def test_the_champion_before_steps_in_for_one_that_is_not_there_yet(bucket, open_store, tmp_path, v3):
    v4 = artefact.write(tmp_path / "v4", "v4")
    bucket.point(v4, "v2")
    store = open_store(bucket.name, refresh_seconds=0)
    assert answers_as(store) == "v2"
    assert "models/v4/manifest.json: NoSuchKey" in store.status().last_error
    bucket.upload(v4)
    assert store.refresh()
    assert (answers_as(store), store.status().last_error) == ("v4", None)


def test_the_pointer_of_before_brings_its_champion_back_after_another_stepped_in(bucket, open_store, tmp_path, v3):
    bucket.point(tmp_path / "v1")
    store = open_store(bucket.name, refresh_seconds=0)
    bucket.point(v3, "v2", "v1")
    store.refresh()
    bucket.point(tmp_path / "v1")
    assert store.refresh()
    assert (answers_as(store), store.status().last_error) == ("v1", None)
