"""Places in a template."""

from __future__ import annotations

Keys = tuple[str | int, ...]
"""Where a value is: the keys and list indices that lead to it from the root."""
