"""The best settings that tuning found, kept under the pipeline's root, where training looks for them."""

from __future__ import annotations

import json
from typing import Any

from stellar_pipeline.object_store import MissingObjectError, open_root

BEST = "tuning/best_parameters.json"


def keep_best(root: str, parameters: dict[str, Any], about: dict[str, Any]) -> str:
    """Keep them, with words on where they come from; the address. Raises StorageError."""
    content = {"parameters": parameters, **about}
    return open_root(root).write(BEST, json.dumps(content, indent=1).encode())


def best_parameters(root: str) -> dict[str, Any]:
    """Parameters for ``release.retrain.train_challenger``; none if tuning has not run. Raises StorageError."""
    try:
        found: dict[str, Any] = json.loads(open_root(root).read(BEST))["parameters"]
    except MissingObjectError:
        return {}
    return found
