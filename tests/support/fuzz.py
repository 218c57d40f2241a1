"""What the generated tests share: how many examples, and JSON of every sort."""

from __future__ import annotations

import os
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "150"))
"""Examples a test. The same ones in every run; more of them find more."""

bounded = settings(
    max_examples=EXAMPLES, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck)
)

leaves: st.SearchStrategy[Any] = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
)
anything = st.recursive(
    leaves, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4), max_leaves=12
)
"""Any JSON value."""


@st.composite
def pieces(draw: st.DrawFn, content: bytes) -> list[bytes]:
    """The content, cut at a few places."""
    cuts = sorted(draw(st.lists(st.integers(0, len(content)), max_size=6)))
    return [content[start:end] for start, end in zip([0, *cuts], [*cuts, len(content)], strict=True)]
