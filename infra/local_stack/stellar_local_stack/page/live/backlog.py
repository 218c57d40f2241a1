"""How far the event source mapping is behind, as its own status tells (``stellar esm status``)."""

from __future__ import annotations

import asyncio

from lambda_emulator.http_client import async_client
from stellar_service.topics import FEATURES

_SECONDS = 1.0


async def backlog(mapping_url: str) -> int | None:
    """Records of the input topic that wait to be classified, or None where no mapping tells within a second."""
    import httpx

    try:
        async with asyncio.timeout(_SECONDS), async_client(mapping_url, _SECONDS) as mapping:
            answer = await mapping.get(f"{mapping_url.rstrip('/')}/status")
        mappings = answer.raise_for_status().json()
        lags = [mapping["lag"] for mapping in mappings if mapping["topic"] == FEATURES]
    except (httpx.HTTPError, httpx.InvalidURL, TimeoutError, ValueError, KeyError, TypeError):
        return None
    return sum(lags) if lags else None
