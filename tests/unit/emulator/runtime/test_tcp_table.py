"""The kernel's table of TCP sockets, with sockets of this process."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator

import pytest

from lambda_emulator.runtime import tcp_table
from lambda_emulator.runtime.tcp_table import find_socket


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as opened:
        yield opened


def test_a_socket_is_found_by_its_two_ends(listener: socket.socket) -> None:
    with socket.create_connection(listener.getsockname()) as client:
        found = find_socket(client.getsockname(), client.getpeername())
        assert found is not None
        assert (found.unread, found.user, found.inode) == (0, os.getuid(), os.fstat(client.fileno()).st_ino)


def test_bytes_that_the_owner_has_not_read_are_counted(listener: socket.socket) -> None:
    with socket.create_connection(listener.getsockname()) as client:
        server, _ = listener.accept()
        with server:
            server.sendall(b"x" * 1000)
            client.recv(1000, socket.MSG_PEEK | socket.MSG_WAITALL)
            found = find_socket(client.getsockname(), client.getpeername())
            assert found is not None
            assert found.unread == 1000


def test_an_ipv6_socket_is_found_by_the_ipv4_address_that_it_stands_for(listener: socket.socket) -> None:
    port = listener.getsockname()[1]
    with socket.socket(socket.AF_INET6) as client:
        try:
            client.connect(("::ffff:127.0.0.1", port))
        except OSError as error:
            pytest.skip(f"this machine has no IPv6: {error}")
        found = find_socket(("127.0.0.1", client.getsockname()[1]), ("127.0.0.1", port))
        assert found is not None
        assert found.inode == os.fstat(client.fileno()).st_ino


def test_a_socket_that_is_not_there_is_none(listener: socket.socket) -> None:
    assert find_socket(("127.0.0.1", 1), listener.getsockname()) is None


def test_a_kernel_without_ipv6_has_one_table(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "tcp").write_text("  sl  local_address rem_address\n")
    monkeypatch.setattr(tcp_table, "_NET", tmp_path)
    assert find_socket(("127.0.0.1", 1), ("127.0.0.1", 2)) is None
    (tmp_path / "tcp").unlink()
    with pytest.raises(FileNotFoundError):
        find_socket(("127.0.0.1", 1), ("127.0.0.1", 2))
