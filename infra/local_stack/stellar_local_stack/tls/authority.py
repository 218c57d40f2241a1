"""A certificate authority for loopback names alone, in a folder that only the user may read.

Mirrors RFC 5280. Its name constraints (section 4.2.1.10) keep it to this machine: even in a browser's list of trusted
authorities, and with its key in a stranger's hands, it can vouch for no other name.
"""

from __future__ import annotations

import datetime
import ipaddress
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from stellar_local_stack.state_files import state_folder, write_private

AUTHORITY_DAYS = 10 * 365
CERTIFICATE_DAYS = 90
RENEWED_DAYS = 30
"""A certificate that has no more left is made anew."""

_NETWORKS = ("127.0.0.0/8", "::1/128")
_ADDRESSES = ("127.0.0.1", "::1")
_DAY = datetime.timedelta(days=1)


class TlsFolderError(OSError):
    """The folder, or a file in it, cannot be used. The text says what to do."""


@dataclass(frozen=True, slots=True)
class Pair:
    """The files of a certificate and its private key (PEM)."""

    certificate: Path
    key: Path


class LocalAuthority:
    """The authority in a folder, which is made where there is none. Raises TlsFolderError."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or state_folder("tls")
        self.own = self._pair("authority")
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if not self.own.certificate.is_file() or _days_left(_certificate(self.own)) <= 0:
                self._make_authority()
            self._key, self._certificate = _key(self.own), _certificate(self.own)
        except TlsFolderError:
            raise
        except OSError as error:
            raise TlsFolderError(f"No certificate can be kept in {self.folder}: {error.strerror or error}") from None

    def server(self) -> Pair:
        """A certificate for a server under this machine's loopback names and addresses."""
        names = [x509.DNSName("localhost"), *(x509.IPAddress(ipaddress.ip_address(each)) for each in _ADDRESSES)]
        return self._signed("server", ExtendedKeyUsageOID.SERVER_AUTH, names)

    def grpc_server(self) -> Pair:
        """A certificate for localhost alone: gRPC's TLS library, BoringSSL, knows no constraints on addresses."""
        return self._signed("grpc", ExtendedKeyUsageOID.SERVER_AUTH, [x509.DNSName("localhost")])

    def client(self) -> Pair:
        """A certificate for a client, which servers of mutual TLS ask for."""
        return self._signed("client", ExtendedKeyUsageOID.CLIENT_AUTH, [x509.DNSName("localhost")])

    def _signed(self, name: str, use: x509.ObjectIdentifier, names: list[x509.GeneralName]) -> Pair:
        pair = self._pair(name)
        if pair.certificate.is_file() and pair.key.is_file():
            found = _certificate(pair)
            if found.issuer == self._certificate.subject and _days_left(found) > RENEWED_DAYS:
                return pair
        key = generate_private_key(SECP256R1())
        builder = (
            _builder(_named(f"Stellar {name}"), self._certificate.subject, key, CERTIFICATE_DAYS)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(x509.ExtendedKeyUsage([use]), critical=False)
            .add_extension(x509.SubjectAlternativeName(names), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()),
                critical=False,
            )
        )
        self._write(pair, builder.sign(self._key, hashes.SHA256()), key)
        return pair

    def _make_authority(self) -> None:
        key = generate_private_key(SECP256R1())
        # The number tells one made later from one that a browser still trusts.
        subject = _named(f"Stellar local authority {x509.random_serial_number() % 10**8:08d}")
        allowed = [x509.DNSName("localhost"), *(x509.IPAddress(ipaddress.ip_network(each)) for each in _NETWORKS)]
        usage = x509.KeyUsage(
            digital_signature=False,
            content_commitment=False,
            key_encipherment=False,
            data_encipherment=False,
            key_agreement=False,
            key_cert_sign=True,
            crl_sign=True,
            encipher_only=False,
            decipher_only=False,
        )
        builder = (
            _builder(subject, subject, key, AUTHORITY_DAYS)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(usage, critical=True)
            .add_extension(x509.NameConstraints(allowed, None), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        )
        self._write(self.own, builder.sign(key, hashes.SHA256()), key)

    def _pair(self, name: str) -> Pair:
        return Pair(self.folder / f"{name}.pem", self.folder / f"{name}.key")

    def _write(self, pair: Pair, certificate: x509.Certificate, key: EllipticCurvePrivateKey) -> None:
        private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        write_private(pair.key, private)
        write_private(pair.certificate, certificate.public_bytes(Encoding.PEM))


def _builder(subject: x509.Name, issuer: x509.Name, key: EllipticCurvePrivateKey, days: int) -> x509.CertificateBuilder:
    now = datetime.datetime.now(datetime.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _DAY)  # clocks differ
        .not_valid_after(now + days * _DAY)
    )


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _days_left(certificate: x509.Certificate) -> float:
    return (certificate.not_valid_after_utc - datetime.datetime.now(datetime.UTC)) / _DAY


def _certificate(pair: Pair) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificate(pair.certificate.read_bytes())
    except ValueError as error:
        raise TlsFolderError(f"{pair.certificate} is no certificate ({error}). Delete it.") from None


def _key(pair: Pair) -> EllipticCurvePrivateKey:
    try:
        key = load_pem_private_key(pair.key.read_bytes(), password=None)
    except ValueError as error:
        raise TlsFolderError(f"{pair.key} is no key that can be read ({error}). Delete it.") from None
    if not isinstance(key, EllipticCurvePrivateKey):
        raise TlsFolderError(f"{pair.key} is no EC key. Delete it.")
    return key
