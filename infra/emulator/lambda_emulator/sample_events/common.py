"""What samples have in common: times and ids."""

from __future__ import annotations

import base64
import time
import uuid


def now() -> str:
    """The time in ISO 8601, to the millisecond."""
    return time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime())


def today() -> str:
    """The time in ISO 8601, to the second."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


def milliseconds() -> int:
    """Milliseconds since the epoch."""
    return int(time.time() * 1000)


def new_id() -> str:
    """An id that no other sample has."""
    return str(uuid.uuid4())


def encoded(text: str) -> str:
    """A text in base64."""
    return base64.b64encode(text.encode()).decode()
