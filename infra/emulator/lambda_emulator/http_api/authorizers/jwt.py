"""JWT authorizers of HTTP APIs.

Mirrors "Controlling access to HTTP APIs with JWT authorizers": RSA signatures only, the key from the issuer's JWKS
(kept for up to two hours), then ``iss``, ``aud`` (or ``client_id``), ``exp``, ``nbf``, ``iat`` and the route's scopes.
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
from jwt.types import Options

from lambda_emulator.http_api.authorizers.base import NotAuthorizedError, identity_value
from lambda_emulator.http_api.exchange import Exchange
from lambda_emulator.http_api.gateway_responses import GatewayResponse
from lambda_emulator.stack import JwtAuthorizer

_LOG = logging.getLogger(__name__)
_KEY_LIFETIME = 2 * 60 * 60.0  # seconds
_FETCH_AGAIN = 5.0  # seconds; an unknown key is looked for at the issuer no more often, whoever makes tokens up
_FETCH_TIMEOUT = 5.0  # seconds
_ALGORITHMS = ("RS256", "RS384", "RS512")
_SIGNATURE_ALONE: Options = {
    "verify_exp": False,
    "verify_nbf": False,
    "verify_iat": False,
    "verify_aud": False,
    "verify_iss": False,
    "verify_sub": False,
    "verify_jti": False,
}
"""The claims are verified here: API Gateway takes ``client_id`` for ``aud``, and other types than the library."""


class InvalidTokenError(ValueError):
    """The token is no valid one; the text goes into ``www-authenticate``."""


class JwtVerifier:
    """Verifies the token of a request against one issuer."""

    def __init__(self, definition: JwtAuthorizer) -> None:
        self._definition = definition
        self._issuer = definition.issuer.rstrip("/")
        self._keys: dict[str, Any] = {}
        self._fetched = -_KEY_LIFETIME
        self._fetching = asyncio.Lock()

    async def authorize(self, exchange: Exchange) -> Mapping[str, Any]:
        token = identity_value(self._definition.identity_source, exchange)
        if token is None:
            raise NotAuthorizedError(GatewayResponse.UNAUTHORIZED, "no token", [(b"www-authenticate", b"Bearer")])
        try:
            claims = await self._verified_claims(token.removeprefix("Bearer ").removeprefix("bearer ").strip())
            granted = _scopes(claims)
        except InvalidTokenError as error:
            raise NotAuthorizedError(
                GatewayResponse.UNAUTHORIZED,
                str(error),
                [_challenge(exchange.route.scopes, "invalid_token", str(error))],
            ) from None
        required = exchange.route.scopes
        if required and granted.isdisjoint(required):
            raise NotAuthorizedError(
                GatewayResponse.FORBIDDEN,
                "none of the route's scopes is granted",
                [_challenge(required, "insufficient_scope", "the token does not have the required scope")],
            )
        jwt = {
            "claims": {name: _claim_text(value) for name, value in claims.items()},
            "scopes": sorted(granted.intersection(required)) or None,
        }
        return {"jwt": jwt} if exchange.route.payload_format == "2.0" else jwt

    async def _verified_claims(self, token: str) -> dict[str, Any]:
        try:
            header = jwt.get_unverified_header(token)
            if (algorithm := header.get("alg")) not in _ALGORITHMS:
                raise InvalidTokenError("signing method is invalid")
            key = await self._key(header.get("kid", ""))
            claims: dict[str, Any] = jwt.decode(token, key, algorithms=[algorithm], options=_SIGNATURE_ALONE)
        except jwt.InvalidSignatureError:
            raise InvalidTokenError("the token's signature is invalid") from None
        except (jwt.PyJWTError, UnicodeError):
            raise InvalidTokenError("the token is malformed") from None
        self._verify_claims(claims)
        return claims

    def _verify_claims(self, claims: dict[str, Any]) -> None:
        if str(claims.get("iss", "")).rstrip("/") != self._issuer:
            raise InvalidTokenError("the token has an invalid issuer")
        audience = claims.get("aud", claims.get("client_id"))
        audiences = audience if isinstance(audience, list) else [audience]
        if not any(each in self._definition.audience for each in audiences):
            raise InvalidTokenError("the token does not have a valid audience")
        now = time.time()
        if _moment(claims, "exp", default=0.0) <= now:
            raise InvalidTokenError("the token has expired")
        if _moment(claims, "nbf", default=now) > now:
            raise InvalidTokenError("the token is not valid yet")
        if _moment(claims, "iat", default=now) > now:
            raise InvalidTokenError("the token was issued in the future")

    async def _key(self, key_id: str) -> Any:
        async with self._fetching:
            age = time.monotonic() - self._fetched
            if age > _KEY_LIFETIME or (key_id not in self._keys and age > _FETCH_AGAIN):
                self._fetched = time.monotonic()
                try:
                    self._keys = await asyncio.to_thread(_fetch_keys, self._issuer)
                except (OSError, ValueError, KeyError, TypeError, jwt.PyJWTError) as error:
                    _LOG.error("JWT authorizer: no keys from %s: %r", self._issuer, error)
                    if not self._keys:
                        raise InvalidTokenError("OIDC discovery endpoint communication error") from None
        if key_id not in self._keys:
            raise InvalidTokenError("the token's key is unknown to the issuer")
        return self._keys[key_id]


def _fetch_keys(issuer: str) -> dict[str, Any]:
    """The issuer's RSA public keys by key id, found through its discovery document. Blocks."""

    def get(url: str) -> Any:
        with urllib.request.urlopen(url, timeout=_FETCH_TIMEOUT) as response:
            return json.load(response)

    keys = get(get(f"{issuer}/.well-known/openid-configuration")["jwks_uri"])["keys"]
    return {key.get("kid", ""): jwt.PyJWK(key, "RS256").key for key in keys if key.get("kty") == "RSA"}


def _moment(claims: dict[str, Any], name: str, *, default: float) -> float:
    """A time claim, in seconds since the epoch. Raises InvalidTokenError where it is no number."""
    moment = claims.get(name, default)
    if isinstance(moment, bool) or not isinstance(moment, int | float):
        raise InvalidTokenError(f"the token's {name} is no number")
    return moment


def _scopes(claims: dict[str, Any]) -> frozenset[str]:
    granted = claims.get("scope", claims.get("scp", ()))
    if isinstance(granted, str):
        return frozenset(granted.split())
    if not isinstance(granted, list | tuple):
        raise InvalidTokenError("the token's scope is neither text nor a list")
    return frozenset(map(str, granted))


def _claim_text(value: object) -> str:
    """A claim as events carry it: always text, a list as ``[a b]``."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return f"[{' '.join(_claim_text(item) for item in value)}]"
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def _challenge(scopes: tuple[str, ...], error: str, description: str) -> tuple[bytes, bytes]:
    text = f'Bearer scope="{" ".join(scopes)}" error="{error}" error_description="{description}"'
    return b"www-authenticate", text.encode("latin-1", "replace")
