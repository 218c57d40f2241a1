"""Files under a local root."""

from __future__ import annotations

from pathlib import Path

import pytest

from stellar_pipeline.object_store import MissingObjectError, StorageError, open_file, open_root


def test_what_is_written_can_be_read_listed_and_measured(tmp_path: Path) -> None:
    objects = open_root(str(tmp_path / "new" / "root"))
    assert objects.write("a/one.txt", b"one") == str(tmp_path / "new" / "root" / "a" / "one.txt")
    objects.write("a/two.txt", b"two!")
    assert objects.read("a/one.txt") == b"one"
    assert objects.size("a/two.txt") == 4
    assert objects.size("a/three.txt") is None
    assert objects.names("a/t") == ["a/two.txt"]
    assert open_root(str(tmp_path / "nowhere")).names("") == []


def test_writing_again_replaces_and_leaves_nothing_beside(tmp_path: Path) -> None:
    objects = open_root(str(tmp_path))
    objects.write("one", b"1")
    objects.write("one", b"2")
    assert objects.read("one") == b"2"
    assert objects.names("") == ["one"]


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(MissingObjectError, match=r"none\.csv does not exist"), open_file(str(tmp_path / "none.csv")):
        pass


def test_a_root_that_is_a_file_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="cannot be written"):
        open_root(str(tmp_path / "file")).write("one", b"1")


def test_an_address_without_a_bucket_is_refused() -> None:
    with pytest.raises(StorageError, match="names no bucket"):
        open_root("s3:///prefix")
