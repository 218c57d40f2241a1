"""The copy of the champion on disk: whatever happens to its bytes, it is read whole or refused."""

import os
import stat

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
    folder = tmp_path / "kept"
    last_good.keep(sound, folder)
    newer = Artefact.read(artefact.write(tmp_path / "v2", "v2"))
    last_good.keep(newer, folder)
    assert last_good.recall(folder).version == "v2"
    assert [path.name for path in folder.iterdir()] == ["champion.zip"]


def test_none_kept_is_a_missing_file(tmp_path):
    with pytest.raises(FileNotFoundError):
        last_good.recall(tmp_path)


def test_only_the_user_may_look_into_the_folder(sound, tmp_path):
    folder = tmp_path / "kept"
    last_good.keep(sound, folder)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


@pytest.mark.parametrize("mode", [0o777, 0o770, 0o755, 0o705])
def test_a_folder_open_to_others_is_neither_read_nor_written(mode, sound, tmp_path):
    last_good.keep(sound, tmp_path / "kept")
    (tmp_path / "kept").chmod(mode)
    with pytest.raises(PermissionError, match="0700"):
        last_good.recall(tmp_path / "kept")
    with pytest.raises(PermissionError, match="0700"):
        last_good.keep(sound, tmp_path / "kept")


def test_another_user_s_folder_is_neither_read_nor_written(sound, tmp_path, monkeypatch):
    last_good.keep(sound, tmp_path / "kept")
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    with pytest.raises(PermissionError):
        last_good.recall(tmp_path / "kept")
    with pytest.raises(PermissionError):
        last_good.keep(sound, tmp_path / "kept")


def test_a_link_to_a_folder_is_refused(sound, tmp_path):
    last_good.keep(sound, tmp_path / "kept")
    (tmp_path / "link").symlink_to(tmp_path / "kept")
    with pytest.raises(PermissionError):
        last_good.recall(tmp_path / "link")


def test_buckets_and_endpoints_have_folders_of_their_own(tmp_path):
    pairs = [("a", None), ("b", None), ("a", "http://127.0.0.1:1"), ("a", "http://127.0.0.1:2")]
    assert len({last_good.folder_for(tmp_path, *pair) for pair in pairs}) == len(pairs)


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
