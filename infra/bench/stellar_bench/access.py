"""The access token that the clients show: the user's, or a short-lived one of this machine's own issuer."""

from __future__ import annotations

import os
from http import HTTPStatus

from lambda_emulator.http_client import client, is_loopback
from stellar.roles import Role
from stellar_local_stack.auth.keys import KeyFolderError, Keys, default_folder
from stellar_local_stack.auth.tokens import ISSUER, access_token

REFUSED = (
    "no access token was sent, or it is not valid here: give one by --token or STELLAR_TOKEN "
    "(`stellar auth token --role predictor` for a stack of `stellar up --auth`)"
)

_SECONDS = 15 * 60.0
_TIMEOUT = 10.0


def own_token(api: str) -> str | None:
    """A predictor's token, if the API at ``api`` is on this machine, asks for one, and `stellar auth` has keys.

    Other machines are sent none that this one's keys have signed.
    """
    folder = default_folder()
    if not is_loopback(api) or not any(folder.glob("*.pem")) or not _asks_for_a_token(api):
        return None
    issuer = os.environ.get("STELLAR_TOKEN_ISSUER", ISSUER)
    try:
        return access_token(Keys(folder), Role.PREDICTOR, _SECONDS, issuer=issuer, subject="stellar-bench")
    except KeyFolderError:
        return None  # the call then fails, and says that a token is needed


def _asks_for_a_token(api: str) -> bool:
    import httpx

    try:
        with client(api, _TIMEOUT) as http:
            return http.get(f"{api.rstrip('/')}/model").status_code == HTTPStatus.UNAUTHORIZED
    except (httpx.HTTPError, httpx.InvalidURL):
        return False  # which the measurement of it will tell
