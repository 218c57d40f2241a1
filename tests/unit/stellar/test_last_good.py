"""The copy of the champion on disk: whatever happens to its bytes, it is read whole or refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stellar import last_good
from stellar.artefact import Artefact, ArtefactError
from support import artefact


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    return Artefact.read(artefact.write(tmp_path_factory.mktemp("models") / "v1", "v1"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory, sound):
    folder = tmp_path_factory.mktemp("cache")
    last_good.keep(sound, folder)
    return folder


def test_what_was_kept_is_recalled(sound, tmp_path):
    last_good.keep(sound, tmp_path / "made" / "on the way")
    assert last_good.recall(tmp_path / "made" / "on the way") == sound


def test_a_newer_one_takes_its_place_and_leaves_nothing_else(sound, tmp_path):
    last_good.keep(sound, tmp_path)
    newer = Artefact.read(artefact.write(tmp_path / "v2", "v2"))
    last_good.keep(newer, tmp_path)
    assert last_good.recall(tmp_path).version == "v2"
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["champion.zip"]


def test_none_kept_is_a_missing_file(tmp_path):
    with pytest.raises(FileNotFoundError):
        last_good.recall(tmp_path)


@given(data=st.data())
def test_a_damaged_copy_is_refused_or_still_the_same(data, sound, folder, tmp_path_factory):
    content = bytearray((folder / "champion.zip").read_bytes())
    place = data.draw(st.integers(0, len(content) - 1))
    content[place] ^= data.draw(st.integers(1, 255))
    cut = data.draw(st.sampled_from([len(content), place]))
    damaged = tmp_path_factory.mktemp("damaged")
    (damaged / "champion.zip").write_bytes(content[:cut])
    try:
        found = last_good.recall(damaged)
    except (ArtefactError, OSError):
        return
    assert found == sound
