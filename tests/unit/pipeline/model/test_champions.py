"""The bucket's champions, kept in a folder here: who reigns, who reigned before, and what is never pointed at."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from stellar.artefact import Artefact, ArtefactError
from stellar.champion import Pointer
from stellar.manifest import sha256
from stellar_pipeline.object_store import Folder
from stellar_pipeline.release.champions import (
    REMEMBERED,
    Champions,
    NoChampionError,
    NoPreviousChampionError,
    VersionNotExportedError,
)
from support import artefact


@pytest.fixture
def champions(tmp_path: Path) -> Champions:
    return Champions(Folder(tmp_path / "models"))


@pytest.fixture
def pointer(tmp_path: Path) -> Path:
    return tmp_path / "models" / "champion.json"


def made(version: str, **changes: str) -> Artefact:
    model = artefact.model_bytes()
    return Artefact.verify(json.dumps(artefact.manifest(model, version, **changes)).encode(), model)


def crown(champions: Champions, *versions: str) -> None:
    for version in versions:
        champions.export(made(version))
        champions.crown(version)


def test_what_was_exported_is_there_and_has_no_champion(champions: Champions) -> None:
    champions.export(made("v1"))
    champions.export(made("v2"))
    assert champions.versions() == ["v1", "v2"]
    assert champions.artefact("v2").version == champions.manifest("v2").version == "v2"
    with pytest.raises(NoChampionError):
        champions.reign()


def test_the_pointer_is_one_that_serving_reads(champions: Champions, pointer: Path) -> None:
    crown(champions, "v1")
    read = Pointer.model_validate_json(pointer.read_bytes())
    assert (read.version, read.manifest_sha256) == ("v1", sha256(champions.artefact("v1").manifest_bytes))


def test_the_same_version_promoted_again_gets_another_pointer(champions: Champions, pointer: Path) -> None:
    crown(champions, "v1")
    before = pointer.read_bytes()
    crown(champions, "v1")
    assert pointer.read_bytes() != before
    assert champions.reign().previous == ()


def test_champions_before_are_remembered_each_once(champions: Champions) -> None:
    crown(champions, "v1", "v2", "v3", "v1")
    assert champions.reign().previous == ("v3", "v2")
    crown(champions, *(f"w{number}" for number in range(REMEMBERED + 5)))
    assert len(champions.reign().previous) == REMEMBERED


def test_going_back_twice_goes_to_the_one_before_the_last(champions: Champions) -> None:
    crown(champions, "v1", "v2", "v3")
    assert champions.restore().version == "v2"
    assert champions.restore().version == "v1"
    with pytest.raises(NoPreviousChampionError, match="v1 is the first champion"):
        champions.restore()


def test_going_back_to_a_version_leaves_those_between(champions: Champions) -> None:
    crown(champions, "v1", "v2", "v3", "v4")
    reign = champions.restore("v2")
    assert (reign.version, reign.previous) == ("v2", ("v1",))


def test_a_pointer_that_only_the_seed_wrote_is_a_champion_too(champions: Champions, pointer: Path) -> None:
    champions.export(made("v1"))
    digest = sha256(champions.artefact("v1").manifest_bytes)
    pointer.write_text(json.dumps({"version": "v1", "manifest_sha256": digest}))
    crown(champions, "v2")
    assert champions.restore().version == "v1"


def test_what_is_not_there_or_damaged_is_never_pointed_at(champions: Champions, tmp_path: Path) -> None:
    crown(champions, "v1")
    with pytest.raises(VersionNotExportedError):
        champions.crown("v2")
    champions.export(made("v2"))
    (tmp_path / "models/v2/model.onnx").write_bytes(b"damaged")
    with pytest.raises(ArtefactError):
        champions.crown("v2")
    assert champions.reign().version == "v1"


def test_the_same_model_exported_again_keeps_the_manifest_that_a_pointer_may_name(champions: Champions) -> None:
    crown(champions, "v1")
    first = champions.artefact("v1").manifest_bytes
    champions.export(made("v1", created="2026-02-02T00:00:00Z"))
    assert champions.artefact("v1").manifest_bytes == first


def test_a_damaged_version_is_repaired_by_exporting_it_again(champions: Champions, tmp_path: Path) -> None:
    champions.export(made("v1"))
    (tmp_path / "models/v1/model.onnx").write_bytes(b"damaged")
    champions.export(made("v1"))
    assert champions.artefact("v1").version == "v1"


@pytest.mark.parametrize("content", ["", "{}", '{"version": "../v1", "manifest_sha256": ""}'])
def test_a_pointer_that_is_none_is_no_champion(content: str, champions: Champions, pointer: Path) -> None:
    pointer.parent.mkdir()
    pointer.write_text(content)
    with pytest.raises(NoChampionError, match="is not a champion pointer"):
        champions.reign()
