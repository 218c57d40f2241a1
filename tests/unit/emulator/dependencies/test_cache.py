"""An installation is made once, and is whole or not there."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from lambda_emulator.dependencies.cache import Cache, cache_folder
from lambda_emulator.dependencies.errors import DependencyError


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_the_cache_lies_where_the_user_keeps_caches() -> None:
    assert cache_folder({"HOME": "/home/me"}) == Path("/home/me/.cache/lambda-emulator")
    assert cache_folder({"HOME": "/home/me", "XDG_CACHE_HOME": "/caches"}) == Path("/caches/lambda-emulator")
    assert cache_folder({"LAMBDA_EMULATOR_CACHE": "/own", "XDG_CACHE_HOME": "/caches"}) == Path("/own")


async def test_those_who_ask_at_once_share_one_installation(tmp_path: Path) -> None:
    fillings = []

    async def fill(folder: Path) -> None:
        fillings.append(folder)
        await asyncio.sleep(0)  # the others come by now
        (folder / "module.py").touch()

    caches = [Cache(tmp_path / "cache") for _ in range(3)]  # as those of three processes: what they share is on disk
    folders = await asyncio.gather(*(cache.make("key", fill) for cache in caches))
    assert len(fillings) == 1
    assert {*folders, caches[0].find("key")} == {tmp_path / "cache" / "key"}
    assert (folders[0] / "module.py").exists()


async def test_a_failed_installation_leaves_nothing_and_is_tried_again(tmp_path: Path) -> None:
    async def fail(folder: Path) -> None:
        (folder / "half.py").touch()
        raise DependencyError("no such package")

    async def fill(folder: Path) -> None:
        assert not names(folder)

    cache = Cache(tmp_path)
    with pytest.raises(DependencyError, match="no such package"):
        await cache.make("key", fail)
    assert cache.find("key") is None
    assert names(tmp_path) == {"key.lock"}
    assert await cache.make("key", fill) == tmp_path / "key"


async def test_what_a_killed_process_left_is_thrown_away(tmp_path: Path) -> None:
    (tmp_path / "key.part").mkdir()
    (tmp_path / "key.part" / "half.py").touch()

    async def fill(folder: Path) -> None:
        assert not names(folder)

    await Cache(tmp_path).make("key", fill)


async def test_a_cache_that_cannot_be_written_is_named_with_the_way_out(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    async def fill(folder: Path) -> None:
        raise AssertionError("never asked for")

    with pytest.raises(DependencyError, match=r"cannot be written \(.*LAMBDA_EMULATOR_CACHE names another"):
        await Cache(tmp_path / "file").make("key", fill)
