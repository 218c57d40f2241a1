"""What tells a failure that may pass from one that would come again."""

from __future__ import annotations


class TransientError(RuntimeError):
    """What was needed is away at present, or slow: another try may succeed, and Airflow makes it."""


def is_transient(error: BaseException) -> bool:
    """Whether the same work may succeed at another try. All other errors are final."""
    return isinstance(error, TransientError | TimeoutError)
