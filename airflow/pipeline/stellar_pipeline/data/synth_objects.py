"""Synthetic objects one by one, as clients send them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from stellar.schema import FIELDS
from stellar_pipeline.data.synth import CHUNK, generate


def synthetic_objects() -> Iterator[dict[str, Any]]:
    """Objects without end, others each time."""
    names = [field.name for field in FIELDS]
    seed = time.time_ns() // 1_000_000
    while True:
        for chunk in generate(CHUNK, seed):
            for values in zip(*(chunk[name].tolist() for name in names), strict=True):
                content = dict(zip(names, values, strict=True))
                yield content | {name: int(content[name]) for name in ("obj_ID", "spec_obj_ID")}
        seed += 1
