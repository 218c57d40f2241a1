"""Server credentials from PEM files, which are checked first: gRPC itself would only fail at each handshake."""

from __future__ import annotations

import ssl
from pathlib import Path

import grpc

from stellar_grpc.settings import Settings


class TlsError(ValueError):
    """The certificate, the key or the clients' authority cannot be used."""


def credentials(settings: Settings) -> grpc.ServerCredentials:
    """TLS, or mutual TLS where there is an authority for clients. Raises TlsError."""
    if settings.tls_cert is None or settings.tls_key is None:
        raise TlsError("TLS needs both a certificate and its key")
    chain, key = _read(settings.tls_cert), _read(settings.tls_key)
    authority = _read(settings.client_ca) if settings.client_ca else None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        context.load_cert_chain(settings.tls_cert, settings.tls_key)
    except ssl.SSLError as error:
        names = f"{settings.tls_cert} and {settings.tls_key}"
        raise TlsError(f"{names} are not a certificate and its key: {error.reason or error}") from None
    if settings.client_ca:
        try:
            context.load_verify_locations(settings.client_ca)
        except ssl.SSLError as error:
            raise TlsError(f"{settings.client_ca} has no certificate: {error.reason or error}") from None
    return grpc.ssl_server_credentials([(key, chain)], authority, require_client_auth=authority is not None)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise TlsError(f"{path} cannot be read: {error.strerror}") from None
