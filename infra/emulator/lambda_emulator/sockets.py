"""Listening sockets, and who holds a port that is wanted."""

from __future__ import annotations

import errno
import socket

import psutil


class PortInUseError(OSError):
    """Another process listens on the port. The text names it, and ``flag`` as the way out."""

    def __init__(self, host: str, port: int, flag: str) -> None:
        owner = port_owner(port)
        taken = f"taken by {owner}" if owner else "taken by a process that cannot be looked into"
        super().__init__(
            f"Address already in use: {host}:{port} is {taken}. Stop it, or choose another port with {flag}."
        )
        self.port = port


def bind(host: str, port: int, flag: str) -> socket.socket:
    """A listening TCP socket. Port 0 takes any free one.

    Raises PortInUseError, and OSError where the address itself cannot be bound.
    """
    family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
    # The protocol is named on purpose: asyncio sets TCP_NODELAY on accepted connections only if it knows that they
    # are TCP, and without it every exchange costs some 40 ms.
    listener = socket.socket(family, kind, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        listener.bind(address)
        listener.listen(2048)
        listener.setblocking(False)
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise PortInUseError(host, port, flag) from None
        raise
    return listener


def port_owner(port: int) -> str | None:
    """The process that listens on the port, as ``name (pid 123)``, or None where that cannot be found out."""
    try:
        for connection in psutil.net_connections(kind="tcp"):
            local = connection.laddr
            if connection.status == psutil.CONN_LISTEN and connection.pid and local and local.port == port:
                return f"{psutil.Process(connection.pid).name()} (pid {connection.pid})"
    except (psutil.Error, PermissionError):
        pass
    return None


def url_of(listener: socket.socket, host: str, scheme: str = "http") -> str:
    """The address at which a client reaches the socket, as the user named the host."""
    port = listener.getsockname()[1]
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"
