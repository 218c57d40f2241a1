"""A champion that cannot be served is refused once, not fetched again and again, and the model in use goes on."""

from __future__ import annotations

import json
import time
from collections import Counter

import numpy as np
import pytest

from stellar.champion import POINTER_KEY
from stellar.manifest import FEATURES
from stellar.schema import EXAMPLE
from stellar.validation import validate
from tests.support import artefact


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
    bucket.crown(artefact.write(tmp_path / "v1", "v1"))
    store = open_store(bucket.name)
    bucket.crown(artefact.write(tmp_path / "v2", "v2", **changes))
    wait_until(lambda: store.status().last_error)
    looks_again(store)
    assert reason in store.status().last_error
    assert (answers_as(store), store.status().version) == ("v1", "v1")
    # THEN it was fetched once, however often the pointer was looked at
    assert fetched["models/v2/model.onnx"] == 1
    assert fetched[POINTER_KEY] > 3


def test_a_sound_champion_after_a_refused_one_is_used(bucket, open_store, tmp_path):
    bucket.crown(artefact.write(tmp_path / "v1", "v1"))
    store = open_store(bucket.name)
    bucket.crown(artefact.write(tmp_path / "v2", "v2", features=FEATURES[::-1]))
    wait_until(lambda: store.status().last_error)
    bucket.crown(artefact.write(tmp_path / "v3", "v3"))
    wait_until(lambda: answers_as(store) == "v3")
    assert store.status().last_error is None


def test_going_back_from_a_refused_champion_ends_the_error_and_loads_nothing(bucket, open_store, tmp_path, fetched):
    bucket.crown(artefact.write(tmp_path / "v1", "v1"))
    store = open_store(bucket.name)
    in_use = store.classifier
    bucket.crown(artefact.write(tmp_path / "v2", "v2", features=FEATURES[::-1]))
    wait_until(lambda: store.status().last_error)
    bucket.point(tmp_path / "v1")
    wait_until(lambda: store.status().last_error is None)
    looks_again(store)
    assert store.classifier is in_use
    assert fetched["models/v1/model.onnx"] == 1


def test_a_repaired_version_is_used_when_its_pointer_is_written_anew(bucket, open_store, tmp_path):
    bucket.crown(artefact.write(tmp_path / "v1", "v1"))
    store = open_store(bucket.name)
    good = artefact.write(tmp_path / "v2", "v2")
    bucket.upload(good)
    bucket.put("models/v2/model.onnx", b"damaged")
    bucket.point(good)
    wait_until(lambda: store.status().last_error)
    bucket.upload(good)
    bucket.put(POINTER_KEY, json.dumps({**artefact.pointer(good), "since": "2026-01-01T00:00:00Z"}).encode())
    wait_until(lambda: answers_as(store) == "v2")


def test_a_refused_champion_is_still_named_after_s3_was_away(bucket, open_store, tmp_path, monkeypatch):
    from stellar.champion import ChampionBucket, ChampionUnavailableError

    bucket.crown(artefact.write(tmp_path / "v1", "v1"))
    store = open_store(bucket.name)
    bucket.crown(artefact.write(tmp_path / "v2", "v2", features=FEATURES[::-1]))
    wait_until(lambda: store.status().last_error)

    def away(self, key, **condition):
        raise ChampionUnavailableError("S3 is away")

    with monkeypatch.context() as patch:
        patch.setattr(ChampionBucket, "_get", away)
        wait_until(lambda: store.status().last_error == "S3 is away")
    wait_until(lambda: "features are" in (store.status().last_error or ""))
