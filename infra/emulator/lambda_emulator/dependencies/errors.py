"""Why a function's packages cannot be had."""

from __future__ import annotations


class DependencyError(RuntimeError):
    """The packages that a function lists, or the Python that it asks for, are not to be had; the text names a way."""
