"""Where the local stack keeps what S3 and Kafka hold: a folder that the user names, or one of its own for a while."""

from __future__ import annotations

import fcntl
import shutil
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self

import click


class LocalData:
    """The folder of one ``stellar up``. A context manager: a folder of its own is removed at the end, unless kept.

    Raises click.ClickException for a folder that cannot be used, or that another stack uses.
    """

    def __init__(self, named: Path | None) -> None:
        self.is_kept = named is not None
        """Whether the folder outlives the stack."""
        try:
            if named is not None:
                named.mkdir(parents=True, exist_ok=True)
            self.folder = (named or Path(tempfile.mkdtemp(prefix="stellar-data-"))).resolve()
            self._lock = (self.folder / ".lock").open("w")
        except OSError as error:
            raise click.ClickException(f"--keep-data {named}: {error.strerror}") from None
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._lock.close()
            raise click.ClickException(
                f"{named} is in use by another `stellar up`: stop it, or name another."
            ) from None

    @property
    def s3(self) -> Path:
        return self.folder / "s3"

    @property
    def kafka(self) -> Path:
        return self.folder / "kafka"

    def keep(self) -> None:
        """Leave the folder where it is at the end."""
        self.is_kept = True

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._lock.close()
        if not self.is_kept:
            shutil.rmtree(self.folder, ignore_errors=True)
