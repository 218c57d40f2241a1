"""Whose a loopback connection is.

Anyone on the machine can connect to a loopback port. The kernel's table of sockets names the user and the inode of the
socket at the other end, and ``/proc/PID/fd`` the process that holds it. See proc(5).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from lambda_emulator.runtime.tcp_table import find_socket

_PROC = Path("/proc")
_READINGS = 3  # a table that changes while it is read may lack a line that was there all the time


def is_held_by(peer: tuple[str, int], here: tuple[str, int], leader: int) -> bool:
    """Whether the socket at ``peer``, connected to ``here``, is one of the session that ``leader`` began.

    Both are IPv4 addresses with ports. True where the kernel does not say, as in a sandbox without these files.
    """
    for _ in range(_READINGS):
        try:
            found = find_socket(peer, here)
            if found is not None:
                return found.user == os.getuid() and any(_holds(pid, found.inode) for pid in _members(leader))
        except (FileNotFoundError, PermissionError):
            return True
    return False


def _members(leader: int) -> Iterator[int]:
    """The leader first: it is nearly always the one."""
    yield leader
    for entry in _PROC.iterdir():
        if entry.name.isdigit() and int(entry.name) != leader:
            with suppress(OSError):
                if os.getsid(int(entry.name)) == leader:
                    yield int(entry.name)


def _holds(pid: int, inode: int) -> bool:
    wanted = f"socket:[{inode}]"
    with suppress(FileNotFoundError, ProcessLookupError):
        for descriptor in (_PROC / str(pid) / "fd").iterdir():
            with suppress(FileNotFoundError):
                if str(descriptor.readlink()) == wanted:
                    return True
    return False
