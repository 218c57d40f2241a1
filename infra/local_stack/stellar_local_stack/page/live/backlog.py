"""How far the event source mapping is behind, as its own status tells (``stellar esm status``)."""

from __future__ import annotations

from http.client import HTTPException
from urllib.request import urlopen

import orjson

from stellar_local_stack.page.live.records import INPUT

_SECONDS = 1.0


def backlog(mapping_url: str) -> int | None:
    """Records of the input topic that wait to be classified, or None where no mapping tells.

    Blocks for a second at most.
    """
    try:
        with urlopen(f"{mapping_url.rstrip('/')}/status", timeout=_SECONDS) as answer:
            mappings = orjson.loads(answer.read())
        lags = [mapping["lag"] for mapping in mappings if mapping["topic"] == INPUT]
    except (OSError, HTTPException, ValueError, KeyError, TypeError):
        return None
    return sum(lags) if lags else None
