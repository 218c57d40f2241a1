"""Servers that do what a broken S3 does: take the connection, and then not what was hoped for."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager


@contextmanager
def server(behave: Callable[[socket.socket], None]) -> Iterator[str]:
    """The address of a server that accepts connections and lets ``behave`` have them."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        held: list[socket.socket] = []

        def accept() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                    held.append(connection)
                    behave(connection)
                except OSError:
                    return

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        listener.shutdown(socket.SHUT_RDWR)
        for connection in held:
            connection.close()
        thread.join(5)


def silent(connection: socket.socket) -> None:
    """Takes the request and never answers."""


def nonsense(connection: socket.socket) -> None:
    connection.recv(65536)
    connection.sendall(b"\x00nonsense\r\n\r\n")
    connection.close()


def web_page(connection: socket.socket) -> None:
    connection.recv(65536)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n<html>")
    connection.close()


def promises_more_than_it_sends(connection: socket.socket) -> None:
    connection.recv(65536)
    connection.sendall(b'HTTP/1.1 200 OK\r\nETag: "a"\r\nContent-Length: 500\r\n\r\n{')
    connection.close()


def endless(connection: socket.socket) -> None:
    """Sends its answer so slowly that no single wait is long, and never ends."""
    connection.recv(65536)
    connection.sendall(b'HTTP/1.1 200 OK\r\nETag: "a"\r\nContent-Length: 100000\r\n\r\n')

    def drip() -> None:
        try:
            while True:
                connection.sendall(b" ")
                time.sleep(0.05)
        except OSError:
            return

    threading.Thread(target=drip, daemon=True).start()
