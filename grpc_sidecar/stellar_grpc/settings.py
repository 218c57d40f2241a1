"""How the server is to be run: everything that ``stellar grpc`` has a flag for."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from stellar_service.ports import GRPC

MOST_WAITING = 32_768
"""Calls that wait in gRPC's own queue: some 13 kB each, as measured, so 430 MB at the most."""


@dataclass(frozen=True, slots=True)
class Settings:
    """``port`` 0 takes any free one. ``grace_seconds`` is how long running calls may take after a stop was asked for.

    ``tls_cert`` and ``tls_key`` (PEM) make the server speak TLS; with ``client_ca`` clients must show a certificate
    that it has signed. With ``token_issuer`` (a URL with OIDC discovery) calls need a token of that issuer for
    ``token_audience``. ``calls_per_second`` limits each client address. ``max_message_mb`` limits what a client may
    send in one message. ``reuse_port`` lets several processes listen on the same port.
    """

    host: str = "127.0.0.1"
    port: int = GRPC
    tls_cert: Path | None = None
    tls_key: Path | None = None
    client_ca: Path | None = None
    token_issuer: str | None = None
    token_audience: str = "stellar"
    calls_per_second: float | None = None
    max_message_mb: int = 4
    keepalive_seconds: float = 60.0
    grace_seconds: float = 5.0
    reuse_port: bool = False

    @property
    def secure(self) -> bool:
        """Whether the server speaks TLS."""
        return self.tls_cert is not None

    def channel_arguments(self) -> list[tuple[str, int]]:
        """The same as gRPC core's channel arguments ("grpc_types.h")."""
        limit = self.max_message_mb * 1024 * 1024
        keepalive = int(self.keepalive_seconds * 1000)
        return [
            ("grpc.max_receive_message_length", limit),
            ("grpc.max_send_message_length", -1),
            # Two servers on one port by accident would share its connections in silence.
            ("grpc.so_reuseport", int(self.reuse_port)),
            ("grpc.keepalive_time_ms", keepalive),
            ("grpc.keepalive_timeout_ms", 20_000),
            ("grpc.keepalive_permit_without_calls", 1),
            # Clients may keep idle connections alive too; core's own limit of five minutes would hang up on them.
            ("grpc.http2.min_ping_interval_without_data_ms", 10_000),
            # Calls that wait to be taken up. Core's own limit of a thousand cancels those of a burst, bystanders' too.
            ("grpc.server.max_pending_requests", MOST_WAITING),
            ("grpc.server.max_pending_requests_hard_limit", MOST_WAITING),
            # And after half a minute it cancels them; on a busy machine a burst takes longer.
            ("grpc.server_max_unrequested_time_in_server", 600),
            # So many of one connection, those that it has given up included: no client alone can fill the queue.
            ("grpc.max_concurrent_streams", MOST_WAITING // 2),
        ]
