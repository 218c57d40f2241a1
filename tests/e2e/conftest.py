"""The whole stack and the built page, once for all tests of this folder, and a real browser."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from support.browser import Complaints, browser, chromium
from support.the_page import ThePage
from support.up import Up

__all__ = ["browser", "chromium"]

ROOT = Path(__file__).resolve().parents[2]
BUILD_SECONDS = 540


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/e2e" in str(item.path):
            item.add_marker(pytest.mark.xdist_group("e2e"))
            # The first test of all waits for the page to be built.
            item.add_marker(pytest.mark.timeout(BUILD_SECONDS + 120))


@pytest.fixture(scope="session")
def built() -> None:
    """The page as it is now in ``frontend/``, built. Skips, saying why, where it cannot be."""
    if not (ROOT / "frontend/package.json").exists():
        pytest.skip("the page's sources are not in this tree")
    if shutil.which("npm") is None:
        pytest.skip("npm is not on the PATH, and the page is built with it")
    done = subprocess.run(
        ["make", "page"], cwd=ROOT, capture_output=True, text=True, timeout=BUILD_SECONDS, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="session")
def stack(chromium: str, built: None) -> Iterator[Up]:
    """`stellar up` on free ports."""
    with Up() as running:
        yield running


@pytest.fixture
def visit(stack: Up, browser: Browser) -> Iterator[ThePage]:
    """The page in a browser profile of its own, open. Whatever the test does, the policy refuses nothing of it."""
    context = browser.new_context(
        locale="en-GB", accept_downloads=True, permissions=["clipboard-read", "clipboard-write"]
    )
    tab = context.new_page()
    complaints = Complaints(tab)
    yield ThePage(tab, stack.url("page")).open()
    context.close()
    assert complaints.of_policy == []
