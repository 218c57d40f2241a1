"""A browser for the tests of this folder that need one."""

from support.browser import browser, chromium

__all__ = ["browser", "chromium"]
