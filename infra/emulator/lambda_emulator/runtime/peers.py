"""Whose a loopback connection is.

Anyone on the machine can connect to a loopback port. ``/proc/net/tcp`` names the user and the inode of the socket at
the other end, and ``/proc/PID/fd`` the process that holds it. See proc(5).
"""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

_PROC = Path("/proc")
_READINGS = 3  # a table that changes while it is read may lack a line that was there all the time


def is_held_by(peer: tuple[str, int], here: tuple[str, int], leader: int) -> bool:
    """Whether the socket at ``peer``, connected to ``here``, is one of the session that ``leader`` began.

    Both are IPv4 addresses with ports. True where the kernel does not say, as in a sandbox without these files.
    """
    for _ in range(_READINGS):
        try:
            table = (_PROC / "net" / "tcp").read_bytes()
            inode = _inode(table, _hexadecimal(peer), _hexadecimal(here))
            if inode is not None:
                return any(_holds(pid, inode) for pid in _members(leader))
        except (FileNotFoundError, PermissionError):
            return True
    return False


def _hexadecimal(address: tuple[str, int]) -> bytes:
    """An address as /proc/net/tcp writes it: the bytes of the host in this machine's order."""
    host = int.from_bytes(socket.inet_aton(address[0]), "little")
    return b"%08X:%04X" % (host, address[1])


def _inode(table: bytes, local: bytes, remote: bytes) -> int | None:
    start = table.find(b": %b %b " % (local, remote))
    if start < 0:
        return None
    fields = table[start + 2 : start + 256].split(maxsplit=9)
    # local, remote, state, queues, timer, retransmits, user, timeout, inode
    return int(fields[8]) if int(fields[6]) == os.getuid() else None


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
