"""``stellar tls``."""

from __future__ import annotations

from pathlib import Path
from shlex import quote

import click

from stellar_local_stack.tls.authority import LocalAuthority, TlsFolderError


@click.command()
@click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    envvar="STELLAR_TLS_FOLDER",
    show_envvar=True,
    help="Where keys and certificates are.  [default: ~/.local/state/stellar/tls]",
)
def tls(folder: Path | None) -> None:
    """Make certificates for this machine's loopback names, and say how servers and clients use them.

    The authority that signs them is made once, and can vouch for no name but localhost and no address but loopback
    ones. Certificates that end within 30 days are made anew.
    """
    try:
        authority = LocalAuthority(folder)
        server, calls, client = authority.server(), authority.grpc_server(), authority.client()
    except TlsFolderError as error:
        raise click.ClickException(str(error)) from None
    ca, certificate, key = (quote(str(file)) for file in (authority.own.certificate, server.certificate, server.key))
    grpc = f"--tls-cert {quote(str(calls.certificate))} --tls-key {quote(str(calls.key))}"
    own = f"-cert {quote(str(client.certificate))} -key {quote(str(client.key))}"
    click.echo(f"""\
Servers:
  stellar local start-api --ssl-cert-file {certificate} --ssl-key-file {key}
  stellar page --ssl-cert-file {certificate} --ssl-key-file {key}
  stellar grpc {grpc}
  stellar grpc {grpc} --client-ca {ca}   # mutual TLS

Clients:
  curl --cacert {ca} https://localhost:3000/health
  grpcurl -cacert {ca} localhost:50051 list
  grpcurl -cacert {ca} {own} localhost:50051 list   # mutual TLS

A browser trusts them once {ca} is in its list of authorities.""")
