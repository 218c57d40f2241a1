"""One browser for the tests of this folder that need it."""

from tests.support.browser import browser

__all__ = ["browser"]
