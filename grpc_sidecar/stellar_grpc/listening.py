"""The port: a busy one is named with its owner, and one that several processes share is held for them."""

from __future__ import annotations

import errno
import socket
from typing import Any

import psutil


class PortInUseError(OSError):
    """Another process listens on the port; ``flag`` is the way out."""

    def __init__(self, host: str, port: int, flag: str = "--port") -> None:
        owner = _owner(port)
        super().__init__(
            f"Address already in use: {host}:{port} is taken{f' by {owner}' if owner else ''}. "
            f"Stop it, or choose another port with {flag}."
        )


def refuse_busy(host: str, port: int, flag: str = "--port") -> tuple[socket.AddressFamily, Any]:
    """The family and the address of a port that is free at this moment; port 0 becomes any free one.

    Raises PortInUseError, and OSError where the address cannot be bound.
    """
    family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise PortInUseError(host, port, flag) from None
            raise
        return family, probe.getsockname()


def hold(host: str, port: int) -> socket.socket:
    """A socket that keeps the port for several listeners with SO_REUSEPORT, and takes no connections itself.

    Raises as ``refuse_busy``.
    """
    family, address = refuse_busy(host, port)
    held = socket.socket(family, socket.SOCK_STREAM)
    try:
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        held.bind(address)
    except OSError:
        held.close()
        raise
    return held


def address_of(host: str, port: int) -> str:
    """``host:port`` as gRPC and people write it."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _owner(port: int) -> str | None:
    try:
        for connection in psutil.net_connections(kind="tcp"):
            local = connection.laddr
            if connection.status == psutil.CONN_LISTEN and connection.pid and local and local.port == port:
                return f"{psutil.Process(connection.pid).name()} (pid {connection.pid})"
    except psutil.Error:
        pass
    return None
