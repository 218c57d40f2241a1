"""Rates that templates give to stages, methods and usage plans."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lambda_emulator.stack import Throttle
from lambda_emulator.template.values import as_text

_ACCOUNT = Throttle(rate=10_000, burst=5_000)
"""AWS's limits of an account in a region, which count where only one of the two is given."""


def read_throttle(settings: Mapping[str, Any], prefix: str = "") -> Throttle | None:
    """``<prefix>RateLimit`` and ``<prefix>BurstLimit``; None where there is neither."""
    rate, burst = settings.get(f"{prefix}RateLimit"), settings.get(f"{prefix}BurstLimit")
    if rate is None and burst is None:
        return None
    return Throttle(
        _ACCOUNT.rate if rate is None else float(as_text(rate)),
        _ACCOUNT.burst if burst is None else int(as_text(burst)),
    )
