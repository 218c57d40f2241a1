"""The bucket's champions, kept in a folder here: who is champion, who was before, and what is never pointed at."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from stellar.artefact import Artefact, ArtefactError
from stellar.champion import ChampionRecord
from stellar.manifest import sha256
from stellar_pipeline.object_store import ConflictError, Folder
from stellar_pipeline.release.champions import (
    REMEMBERED,
    BarredVersionError,
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


def made(version: str, scale: float = 1.0, **changes: str) -> Artefact:
    model = artefact.model_bytes(scale=scale)
    return Artefact.verify(json.dumps(artefact.manifest(model, version, **changes)).encode(), model)


def promote(champions: Champions, *versions: str) -> None:
    for version in versions:
        champions.export(made(version))
        champions.promote(version)


def test_what_was_exported_is_there_and_has_no_champion(champions: Champions) -> None:
    champions.export(made("v1"))
    champions.export(made("v2"))
    assert champions.versions() == ["v1", "v2"]
    assert champions.artefact("v2").version == champions.manifest("v2").version == "v2"
    with pytest.raises(NoChampionError):
        champions.record()


def test_the_pointer_is_one_that_serving_reads(champions: Champions, pointer: Path) -> None:
    promote(champions, "v1")
    read = ChampionRecord.model_validate_json(pointer.read_bytes())
    assert (read.version, read.manifest_sha256) == ("v1", sha256(champions.artefact("v1").manifest_bytes))


def test_the_same_version_promoted_again_gets_another_pointer(champions: Champions, pointer: Path) -> None:
    promote(champions, "v1")
    before = pointer.read_bytes()
    promote(champions, "v1")
    assert pointer.read_bytes() != before
    assert champions.record().previous == ()


def test_champions_before_are_remembered_each_once(champions: Champions) -> None:
    promote(champions, "v1", "v2", "v3", "v1")
    assert champions.record().previous == ("v3", "v2")
    promote(champions, *(f"w{number}" for number in range(REMEMBERED + 5)))
    assert len(champions.record().previous) == REMEMBERED


def test_going_back_twice_goes_to_the_one_before_the_last(champions: Champions) -> None:
    promote(champions, "v1", "v2", "v3")
    assert champions.roll_back().version == "v2"
    assert champions.roll_back().version == "v1"
    with pytest.raises(NoPreviousChampionError, match="v1 is the first champion"):
        champions.roll_back()


def test_going_back_to_a_version_leaves_those_between(champions: Champions) -> None:
    promote(champions, "v1", "v2", "v3", "v4")
    record = champions.roll_back("v2")
    assert (record.version, record.previous) == ("v2", ("v1",))


def test_a_pointer_that_only_the_seed_wrote_is_a_champion_too(champions: Champions, pointer: Path) -> None:
    champions.export(made("v1"))
    digest = sha256(champions.artefact("v1").manifest_bytes)
    pointer.write_text(json.dumps({"version": "v1", "manifest_sha256": digest}))
    promote(champions, "v2")
    assert champions.roll_back().version == "v1"


def test_what_is_not_there_or_damaged_is_never_pointed_at(champions: Champions, tmp_path: Path) -> None:
    promote(champions, "v1")
    with pytest.raises(VersionNotExportedError):
        champions.promote("v2")
    champions.export(made("v2"))
    (tmp_path / "models/v2/model.onnx").write_bytes(b"damaged")
    with pytest.raises(ArtefactError):
        champions.promote("v2")
    assert champions.record().version == "v1"


def test_the_same_model_exported_again_keeps_the_manifest_that_a_pointer_may_name(champions: Champions) -> None:
    promote(champions, "v1")
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
    with pytest.raises(NoChampionError, match="is not a champion record"):
        champions.record()


class Interrupted(Folder):
    """A folder in which somebody else promotes between a reader's look at the record and its change of it."""

    def __init__(self, root: Path, meanwhile: list[str]) -> None:
        super().__init__(root)
        self.root = root
        self.meanwhile = meanwhile

    def replace(self, name: str, content: bytes, tag: str | None) -> None:
        if self.meanwhile:
            Champions(Folder(self.root)).promote(self.meanwhile.pop())
        super().replace(name, content, tag)


def test_of_two_promotions_at_once_neither_is_lost(champions: Champions, tmp_path: Path) -> None:
    promote(champions, "v1")
    for version in ("v2", "v3"):
        champions.export(made(version))
    Champions(Interrupted(tmp_path / "models", ["v3"])).promote("v2")
    assert (champions.record().version, champions.record().previous) == ("v2", ("v3", "v1"))


def test_of_two_first_promotions_at_once_neither_is_lost(champions: Champions, tmp_path: Path) -> None:
    for version in ("v1", "v2"):
        champions.export(made(version))
    Champions(Interrupted(tmp_path / "models", ["v1"])).promote("v2")
    assert (champions.record().version, champions.record().previous) == ("v2", ("v1",))


def test_whoever_is_interrupted_again_and_again_gives_up(champions: Champions, tmp_path: Path) -> None:
    promote(champions, "v1", "v2")
    with pytest.raises(ConflictError, match="has changed meanwhile"):
        Champions(Interrupted(tmp_path / "models", ["v1", "v2"] * 20)).promote("v1")


def test_a_record_that_is_none_is_replaced(champions: Champions, pointer: Path) -> None:
    pointer.parent.mkdir()
    pointer.write_text("{}")
    promote(champions, "v1")
    assert champions.record().version == "v1"


@pytest.fixture
def after_a_roll_back(champions: Champions) -> Champions:
    """v1 answers; v2, another model, was rolled back."""
    for version, scale in (("v1", 1.0), ("v2", 2.0)):
        champions.export(made(version, scale))
        champions.promote(version)
    champions.roll_back()
    return champions


def test_what_was_rolled_back_is_barred_for_programs(after_a_roll_back: Champions) -> None:
    assert after_a_roll_back.bar(made("v1")) is None
    with pytest.raises(BarredVersionError, match=r"v2 is barred.*`stellar model promote v2` lifts that"):
        after_a_roll_back.promote("v2", lift=False)
    assert after_a_roll_back.record().version == "v1"


def test_the_same_model_under_another_version_is_barred_too(after_a_roll_back: Champions) -> None:
    after_a_roll_back.export(made("v3", 2.0))
    with pytest.raises(BarredVersionError, match="v3 is barred: v2 was rolled back"):
        after_a_roll_back.promote("v3", lift=False)


def test_a_bar_outlasts_other_promotions_until_a_person_lifts_it(after_a_roll_back: Champions) -> None:
    after_a_roll_back.export(made("v4", 4.0))
    after_a_roll_back.promote("v4", lift=False)
    assert after_a_roll_back.bar(made("v2", 2.0))
    after_a_roll_back.promote("v2")
    assert after_a_roll_back.bar(made("v2", 2.0)) is None
    after_a_roll_back.promote("v4")
    after_a_roll_back.promote("v2", lift=False)
