"""How much memory an environment uses, from /proc."""

from __future__ import annotations

import os
from contextlib import suppress

_STATUS_BYTES = 4096


class MemoryMeter:
    """Reads the memory of one process. The file stays open, so a reading costs one system call."""

    def __init__(self, pid: int) -> None:
        self._file = -1
        with suppress(OSError):
            self._file = os.open(f"/proc/{pid}/status", os.O_RDONLY)

    def peak_mb(self) -> int:
        """The most that the process has had resident so far, in MiB; 0 where it cannot be told."""
        if self._file < 0:
            return 0
        try:
            status = os.pread(self._file, _STATUS_BYTES, 0)
        except OSError:
            return 0
        return _kib(status, b"VmHWM:") // 1024

    def close(self) -> None:
        if self._file >= 0:
            os.close(self._file)
            self._file = -1


def _kib(status: bytes, field: bytes) -> int:
    start = status.find(field)
    if start < 0:
        return 0
    return int(status[start + len(field) : status.find(b"kB", start)])
