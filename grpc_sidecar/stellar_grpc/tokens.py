"""Access tokens of callers: JSON Web Tokens of one issuer, verified as an HTTP API's JWT authorizer verifies them.

Mirrors RFC 9068, "JWT Profile for OAuth 2.0 Access Tokens", as far as API Gateway does ("Controlling access to HTTP
APIs with JWT authorizers"), so that a token gets the same verdict over gRPC as over HTTP: RSA signatures alone;
``iss``; ``aud``, or ``client_id`` in its place; ``exp``, ``nbf`` and ``iat``, with no leeway.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
import urllib.request
from collections.abc import Mapping
from typing import Any

import jwt
from jwt import PyJWK
from jwt.types import Options

ALGORITHMS = ("RS256", "RS384", "RS512")
KEY_SECONDS = 2 * 60 * 60.0
"""For how long keys are used without asking the issuer."""

FETCH_AGAIN_SECONDS = 5.0
"""An unknown key is looked for at the issuer no more often: whoever makes tokens up must not make us call it."""

_FETCH_TIMEOUT = 5.0
_LOG = logging.getLogger(__name__)


class InvalidTokenError(ValueError):
    """The token is none that the issuer gave for this service, or no longer."""


class TokenVerifier:
    """Verifies tokens of one issuer for one audience. Its keys are fetched when they are first needed."""

    def __init__(self, issuer: str, audience: str) -> None:
        self._issuer = issuer.rstrip("/")
        self._audience = audience
        self._keys: dict[str, Any] = {}
        self._fetched = -KEY_SECONDS
        self._fetching = asyncio.Lock()

    async def scopes(self, token: str) -> frozenset[str]:
        """What the token's bearer may do. Raises InvalidTokenError."""
        try:
            header = jwt.get_unverified_header(token)
            algorithm, key_id = header.get("alg"), header.get("kid", "")
            if algorithm not in ALGORITHMS:
                raise InvalidTokenError("The token's signing method is not accepted.")
            claims = jwt.decode(
                token,
                await self._key(str(key_id)),
                algorithms=[algorithm],
                options=_OPTIONS,
            )
        except (jwt.PyJWTError, TypeError, UnicodeError):
            raise InvalidTokenError("The token is malformed, or its signature is invalid.") from None
        self._verify(claims)
        return _scopes(claims)

    def _verify(self, claims: Mapping[str, Any]) -> None:
        if str(claims.get("iss", "")).rstrip("/") != self._issuer:
            raise InvalidTokenError("The token has another issuer.")
        audience = claims.get("aud", claims.get("client_id"))
        if self._audience not in (audience if isinstance(audience, list) else [audience]):
            raise InvalidTokenError("The token is for another audience.")
        now = time.time()
        if _moment(claims, "exp", 0.0) <= now:
            raise InvalidTokenError("The token has expired.")
        if _moment(claims, "nbf", now) > now or _moment(claims, "iat", now) > now:
            raise InvalidTokenError("The token is not valid yet.")

    async def _key(self, key_id: str) -> Any:
        async with self._fetching:
            age = time.monotonic() - self._fetched
            if age > KEY_SECONDS or (key_id not in self._keys and age > FETCH_AGAIN_SECONDS):
                self._fetched = time.monotonic()
                try:
                    self._keys = await asyncio.to_thread(_fetch_keys, self._issuer)
                except (OSError, ValueError, KeyError, TypeError, jwt.PyJWTError) as error:
                    _LOG.error("no keys from the issuer %s: %r", self._issuer, error)
        if key_id not in self._keys:
            raise InvalidTokenError("The token's key is unknown to the issuer.")
        return self._keys[key_id]


_OPTIONS: Options = {
    "verify_signature": True,
    "verify_exp": False,
    "verify_nbf": False,
    "verify_iat": False,
    "verify_aud": False,
    "verify_iss": False,
    "verify_sub": False,
    "verify_jti": False,
}
"""Claims are checked here, since the library takes other types for them than API Gateway."""


def _fetch_keys(issuer: str) -> dict[str, Any]:
    """The issuer's RSA keys by key id, found through its discovery document. Blocks."""

    def get(url: str) -> Any:
        with urllib.request.urlopen(url, timeout=_FETCH_TIMEOUT) as response:
            return json.load(response)

    keys = get(get(f"{issuer}/.well-known/openid-configuration")["jwks_uri"])["keys"]
    return {key.get("kid", ""): PyJWK(key, "RS256").key for key in keys if key.get("kty") == "RSA"}


def _moment(claims: Mapping[str, Any], name: str, default: float) -> float:
    moment = claims.get(name, default)
    if isinstance(moment, bool) or not isinstance(moment, int | float):
        raise InvalidTokenError(f"The token's {name} is no number.")
    return moment


def _scopes(claims: Mapping[str, Any]) -> frozenset[str]:
    granted = claims.get("scope", claims.get("scp", ()))
    if isinstance(granted, str):
        return frozenset(granted.split())
    if not isinstance(granted, list | tuple):
        raise InvalidTokenError("The token's scope is neither text nor a list.")
    return frozenset(map(str, granted))
