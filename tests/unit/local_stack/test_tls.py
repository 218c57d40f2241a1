"""The local authority: made once, the user's alone, and good for no name but this machine's."""

from __future__ import annotations

import datetime
import ipaddress
import ssl
import stat
from pathlib import Path

import pytest
from click.testing import CliRunner
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from stellar_local_stack.tls import authority as authority_module
from stellar_local_stack.tls.authority import LocalAuthority, Pair
from stellar_local_stack.tls.cli import tls


def handshake(authority: LocalAuthority, server: Pair, name: str, client: Pair | None = None) -> None:
    """One handshake in memory, with a certificate of the client's own demanded. Raises ssl.SSLError."""
    here = ssl.create_default_context(cafile=str(authority.own.certificate))
    if client:
        here.load_cert_chain(client.certificate, client.key)
    there = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=str(authority.own.certificate))
    there.load_cert_chain(server.certificate, server.key)
    there.verify_mode = ssl.CERT_REQUIRED
    up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
    sides = [here.wrap_bio(down, up, server_hostname=name), there.wrap_bio(up, down, server_side=True)]
    for _ in range(6):
        for side in sides:
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                continue
    assert all(side.version() for side in sides)


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "::1"])
def test_server_and_client_know_each_other(tmp_path: Path, name: str) -> None:
    authority = LocalAuthority(tmp_path / "tls")
    handshake(authority, authority.server(), name, authority.client())


def test_client_without_a_certificate_and_other_names_are_refused(tmp_path: Path) -> None:
    authority = LocalAuthority(tmp_path)
    with pytest.raises(ssl.SSLError, match="PEER_DID_NOT_RETURN_A_CERTIFICATE"):
        handshake(authority, authority.server(), "localhost")
    with pytest.raises(ssl.SSLCertVerificationError, match="Hostname mismatch"):
        handshake(authority, authority.server(), "example.com", authority.client())
    with pytest.raises(ssl.SSLError):  # a server's certificate is no client's
        handshake(authority, authority.server(), "localhost", authority.server())


@pytest.mark.parametrize("name", [x509.DNSName("example.com"), x509.IPAddress(ipaddress.ip_address("192.0.2.1"))])
def test_stolen_key_vouches_for_no_other_machine(tmp_path: Path, name: x509.GeneralName) -> None:
    authority = LocalAuthority(tmp_path)
    key = ec.generate_private_key(ec.SECP256R1())
    now = datetime.datetime.now(datetime.UTC)
    forged = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([]))
        .issuer_name(authority._certificate.subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([name]), critical=True)
        .add_extension(  # without it Python 3.13 looks no further
            x509.AuthorityKeyIdentifier.from_issuer_public_key(authority._key.public_key()), critical=False
        )
        .sign(authority._key, hashes.SHA256())
    )
    pair = Pair(tmp_path / "forged.pem", tmp_path / "forged.key")
    authority._write(pair, forged, key)
    with pytest.raises(ssl.SSLCertVerificationError, match="permitted subtree violation"):
        handshake(authority, pair, str(name.value), authority.client())


def test_everything_is_the_users_alone_and_made_once(tmp_path: Path) -> None:
    folder = tmp_path / "state/tls"
    first = CliRunner().invoke(tls, ["--folder", str(folder)])
    assert first.exit_code == 0, first.output
    before = {file.name: file.read_bytes() for file in folder.iterdir()}
    assert CliRunner().invoke(tls, ["--folder", str(folder)]).output == first.output
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == before
    assert {stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()} == {0o600}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_certificate_that_ends_soon_is_made_anew_by_the_same_authority(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority = LocalAuthority(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(authority_module, "CERTIFICATE_DAYS", 29)
        before = authority.server().certificate.read_bytes()
    again = LocalAuthority(tmp_path)
    assert again.server().certificate.read_bytes() != before
    assert again._certificate == authority._certificate


def test_certificates_of_an_authority_that_was_deleted_are_made_anew(tmp_path: Path) -> None:
    authority = LocalAuthority(tmp_path)
    before = authority.server().certificate.read_bytes()
    authority.own.certificate.unlink()
    assert LocalAuthority(tmp_path).server().certificate.read_bytes() != before


@pytest.mark.parametrize("name", ["authority.pem", "authority.key"])
def test_file_that_cannot_be_read_is_named(tmp_path: Path, name: str) -> None:
    LocalAuthority(tmp_path)
    (tmp_path / name).write_text("nothing")
    done = CliRunner().invoke(tls, ["--folder", str(tmp_path)])
    assert (done.exit_code, "Traceback" in done.output) == (1, False)
    assert name in done.output
    assert "Delete it." in done.output
