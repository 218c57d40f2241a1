"""What the environment tells the layer: the one place that reads environment variables."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

DEFAULT_MODEL_DIR = Path(__file__).with_name("default_model")
"""The model that the layer ships."""

DEFAULT_CACHE_DIR = Path(tempfile.gettempdir(), f"stellar-model-{os.getuid()}")
"""Where last good models are kept, apart from those of other users."""


class SettingError(ValueError):
    """An environment variable has a value that cannot be used."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Where the model comes from.

    ``bucket`` (``MODEL_BUCKET``): the S3 bucket of the champion; without one, S3 is never asked.
    ``endpoint`` (``AWS_ENDPOINT_URL_S3``, else ``AWS_ENDPOINT_URL``): which S3 that is; None leaves it to boto3.
    ``cache_dir`` (``MODEL_CACHE_DIR``): where last good models are kept, one folder for each bucket of each endpoint,
    by default in the folder for temporary files.
    ``refresh_seconds`` (``MODEL_REFRESH_SECONDS``): how often the champion is looked up, 0 for never.
    ``s3_budget_seconds`` (``MODEL_S3_BUDGET_SECONDS``): how long a cold start waits for S3 at most.
    """

    bucket: str | None = None
    endpoint: str | None = None
    cache_dir: Path = DEFAULT_CACHE_DIR
    refresh_seconds: float = 5.0
    s3_budget_seconds: float = 2.0
    default_dir: Path = DEFAULT_MODEL_DIR

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Settings:
        """Raises SettingError."""
        return cls(
            bucket=environment.get("MODEL_BUCKET") or None,
            endpoint=environment.get("AWS_ENDPOINT_URL_S3") or environment.get("AWS_ENDPOINT_URL") or None,
            cache_dir=Path(environment.get("MODEL_CACHE_DIR") or DEFAULT_CACHE_DIR),
            refresh_seconds=_seconds(environment, "MODEL_REFRESH_SECONDS", 5.0),
            s3_budget_seconds=_seconds(environment, "MODEL_S3_BUDGET_SECONDS", 2.0),
        )


def _seconds(environment: Mapping[str, str], name: str, default: float) -> float:
    text = environment.get(name, "")
    try:
        value = float(text) if text else default
    except ValueError:
        value = -1.0
    if not 0 <= value < float("inf"):
        raise SettingError(f"{name} is {text!r}; a number of seconds is expected, such as {default:g}")
    return value
