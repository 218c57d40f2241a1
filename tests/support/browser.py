"""Real Chromium, without a window: the one on the machine, driven by Playwright."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="session")
def chromium() -> str:
    """The browser's program. Skips, saying why, where there is none."""
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    path = next((path for name in names if (path := shutil.which(name))), None)
    if path is None:
        pytest.skip("no Chromium is on the PATH: `apt-get install chromium`, or Chrome")
    return path


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    """One browser for a module, in which no test may be asynchronous.

    While it is open, Playwright runs an event loop in this thread: one for the session would leave none to the
    asynchronous tests of other modules.
    """
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium, args=list(ARGUMENTS))
        yield running
        running.close()


class Complaints:
    """What a page writes to the console as errors, CSP violations among them, and what it throws."""

    def __init__(self, page: Page) -> None:
        self.texts: list[str] = []
        page.on("console", lambda message: self.texts.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: self.texts.append(str(error)))

    @property
    def of_policy(self) -> list[str]:
        """Those that say that the Content Security Policy refused something."""
        return [text for text in self.texts if "Content Security Policy" in text]
