"""``stellar auth``."""

from __future__ import annotations

import asyncio
import re
import signal
from pathlib import Path

import click

from lambda_emulator.sockets import PortInUseError
from stellar.roles import Role
from stellar_local_stack.auth.keys import KeyFolderError, Keys
from stellar_local_stack.auth.tokens import AUDIENCE, ISSUER, access_token
from stellar_service.ports import AUTH

_UNITS = {"s": 1, "m": 60, "h": 3600}

_folder = click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    envvar="STELLAR_AUTH_FOLDER",
    show_envvar=True,
    help="Where the keys are.  [default: ~/.local/state/stellar/auth]",
)


class _Life(click.ParamType[float]):
    """``90s``, ``15m``, ``1h``; a bare number is seconds."""

    name = "duration"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> float:
        found = re.fullmatch(r"(\d{1,9})([smh]?)", str(value))
        if found is None:
            self.fail(f"{value!r} is no duration; write 90s, 15m or 1h.", param, ctx)
        return float(found[1]) * _UNITS[found[2] or "s"]


@click.group()
def auth() -> None:
    """Issue access tokens for development, on this machine alone."""


@auth.command()
@click.option("--port", "-p", type=click.IntRange(0, 65535), default=AUTH, show_default=True, help="0: any free one.")
@_folder
def serve(port: int, folder: Path | None) -> None:
    """Serve the issuer on 127.0.0.1, and on no other address: public keys, and the web page's sign-in. Ctrl-C stops it.

    Verifiers are told its address: TokenIssuer of the template, --token-issuer of `stellar grpc`.
    """
    from stellar_local_stack.auth.issuer import Issuer

    async def run() -> None:
        issuer = Issuer(Keys(folder), port)
        stop = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        click.echo(f"Issuer ready at {issuer.url}", err=True)
        await issuer.serve(stop)

    try:
        asyncio.run(run())
    except (KeyFolderError, PortInUseError) as error:
        raise click.ClickException(str(error)) from None


@auth.command()
@click.option("--role", type=click.Choice([str(role) for role in Role]), default="reader", show_default=True)
@click.option("--ttl", type=_Life(), default="1h", show_default=True, help="How long it is valid: 90s, 15m, 1h.")
@click.option(
    "--issuer",
    default=ISSUER,
    envvar="STELLAR_TOKEN_ISSUER",
    show_default=True,
    show_envvar=True,
    help="Where `stellar auth serve` answers.",
)
@click.option("--audience", default=AUDIENCE, show_default=True, help="What the token is for.")
@click.option("--subject", default="developer", show_default=True, help="Whom it is given to.")
@_folder
def token(role: str, ttl: float, issuer: str, audience: str, subject: str, folder: Path | None) -> None:
    """Print an access token. A higher role may do all that a lower one may.

    \b
    curl http://127.0.0.1:3000/model -H "authorization: Bearer $(stellar auth token --role reader)"
    """
    try:
        made = access_token(Keys(folder), Role(role), ttl, issuer=issuer, audience=audience, subject=subject)
    except (KeyFolderError, ValueError) as error:
        raise click.ClickException(str(error)) from None
    click.echo(made)


@auth.command()
@_folder
def code(folder: Path | None) -> None:
    """Print the sign-in code that the web page's sign-in asks for. Delete its file to have another."""
    try:
        click.echo(Keys(folder).sign_in_code())
    except KeyFolderError as error:
        raise click.ClickException(str(error)) from None


@auth.command()
@_folder
def rotate(folder: Path | None) -> None:
    """Sign with a new key from now on. Tokens signed before stay valid until they expire."""
    try:
        click.echo(f"New key {Keys(folder).rotate()}", err=True)
    except KeyFolderError as error:
        raise click.ClickException(str(error)) from None
