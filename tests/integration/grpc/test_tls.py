"""TLS and mutual TLS, with certificates of the test's own."""

import grpc
import pytest

from stellar.schema import EXAMPLE
from stellar_grpc.server import Server
from stellar_grpc.settings import Settings
from stellar_grpc.tls import TlsError
from stellar_service.contract import StarFeatures
from support.certificates import Authority
from support.grpc_server import Stub


@pytest.fixture
def authority(tmp_path):
    return Authority(tmp_path, "authority")


@pytest.fixture
def serve(store, authority):
    """A server with a certificate of the authority's."""

    def _serve(**settings):
        files = authority.sign("server")
        return Server(Settings(port=0, tls_cert=files.certificate, tls_key=files.key, **settings), store)

    return _serve


def client(authority, files=None):
    """Credentials that trust the authority, with a certificate of the client's own or without."""
    own = (files.key.read_bytes(), files.certificate.read_bytes()) if files else (None, None)
    return grpc.ssl_channel_credentials(authority.certificate.read_bytes(), *own)


async def outcome(server, credentials=None):
    """The code of the status that a call ends with."""
    address = server.address
    channel = grpc.aio.secure_channel(address, credentials) if credentials else grpc.aio.insecure_channel(address)
    async with channel:
        return await Stub(channel).Predict(StarFeatures(**EXAMPLE), timeout=10).code()


async def test_server_with_a_certificate_speaks_tls_only(serve, authority):
    async with serve() as server:
        assert await outcome(server, client(authority)) is grpc.StatusCode.OK
        assert await outcome(server) is grpc.StatusCode.UNAVAILABLE


async def test_mutual_tls_refuses_clients_that_the_authority_did_not_sign(serve, authority, tmp_path):
    stranger = Authority(tmp_path, "stranger").sign("client")
    async with serve(client_ca=authority.certificate) as server:
        assert await outcome(server, client(authority, authority.sign("client"))) is grpc.StatusCode.OK
        assert await outcome(server, client(authority)) is grpc.StatusCode.UNAVAILABLE
        assert await outcome(server, client(authority, stranger)) is grpc.StatusCode.UNAVAILABLE


@pytest.mark.parametrize(
    ("cert", "key", "ca", "message"),
    [
        ("absent.crt", "good.key", None, "absent.crt cannot be read: No such file"),
        ("good.crt", "other.key", None, "not a certificate and its key: KEY_VALUES_MISMATCH"),
        ("text.crt", "good.key", None, "not a certificate and its key"),
        ("good.crt", "good.key", "text.crt", "text.crt has no certificate"),
    ],
)
async def test_unusable_file_is_named_before_the_server_listens(store, authority, tmp_path, cert, key, ca, message):
    for name in ("good", "other"):
        files = authority.sign(name)
        files.certificate.rename(tmp_path / f"{name}.crt")
        files.key.rename(tmp_path / f"{name}.key")
    (tmp_path / "text.crt").write_text("no certificate")
    settings = Settings(
        port=0, tls_cert=tmp_path / cert, tls_key=tmp_path / key, client_ca=tmp_path / ca if ca else None
    )
    with pytest.raises(TlsError, match=message):
        await Server(settings, store).start()
