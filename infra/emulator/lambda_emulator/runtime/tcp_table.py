"""The kernel's table of TCP sockets.

Mirrors "/proc/net/tcp" of the Linux kernel's documentation:
https://docs.kernel.org/networking/proc_net_tcp.html
"""

from __future__ import annotations

import socket
from dataclasses import dataclass
from pathlib import Path

_NET = Path("/proc/net")
_MAPPED = bytes(10) + b"\xff\xff"  # an IPv4 address on an IPv6 socket, RFC 4291, section 2.5.5.2

Address = tuple[str, int]
"""An IPv4 address and a port."""


@dataclass(frozen=True, slots=True)
class Socket:
    """A line of the table."""

    unread: int  # bytes that have arrived and that the owner has not read
    user: int
    inode: int


def find_socket(local: Address, remote: Address) -> Socket | None:
    """The socket at ``local`` that is connected to ``remote``; an IPv6 socket may be so too.

    None where it is not in the table, which may happen to an open one too if the table changes while it is read.
    Raises FileNotFoundError or PermissionError where the kernel shows no table.
    """
    for name, prefix in (("tcp", b""), ("tcp6", _MAPPED)):
        try:
            table = (_NET / name).read_bytes()
        except FileNotFoundError:
            if prefix:  # a kernel without IPv6
                return None
            raise
        start = table.find(b": %b %b " % (_hexadecimal(local, prefix), _hexadecimal(remote, prefix)))
        if start >= 0:
            # local, remote, state, queues, timer, retransmits, user, timeout, inode
            fields = table[start + 2 : start + 256].split(maxsplit=9)
            return Socket(int(fields[3].partition(b":")[2], 16), int(fields[6]), int(fields[8]))
    return None


def _hexadecimal(address: Address, prefix: bytes) -> bytes:
    """An address as the table writes it: words of four bytes, each in this machine's order (little-endian)."""
    host = prefix + socket.inet_aton(address[0])
    words = b"".join(host[start : start + 4][::-1] for start in range(0, len(host), 4))
    return b"%b:%04X" % (words.hex().upper().encode(), address[1])
