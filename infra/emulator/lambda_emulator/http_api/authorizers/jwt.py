"""JWT authorizers of HTTP APIs.

Mirrors "Controlling access to HTTP APIs with JWT authorizers": RSA signatures only, the key from the issuer's JWKS
(kept for up to two hours), then ``iss``, ``aud`` (or ``client_id``), ``exp``, ``nbf``, ``iat`` and the route's scopes.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import logging
import time
import urllib.request
from collections.abc import Mapping
from typing import Any

import orjson

from lambda_emulator.http_api.authorizers.base import NotAuthorizedError, identity_value
from lambda_emulator.http_api.exchange import Exchange
from lambda_emulator.http_api.gateway_responses import GatewayResponse
from lambda_emulator.stack import JwtAuthorizer

_LOG = logging.getLogger(__name__)
_KEY_LIFETIME = 2 * 60 * 60.0  # seconds
_FETCH_AGAIN = 5.0  # seconds; an unknown key is looked for at the issuer no more often, whoever makes tokens up
_FETCH_TIMEOUT = 5.0  # seconds
_HASHES = {"RS256": "SHA256", "RS384": "SHA384", "RS512": "SHA512"}


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
            header_part, claims_part, signature_part = token.split(".")
            header = orjson.loads(_decoded(header_part))
            claims = orjson.loads(_decoded(claims_part))
            signature = _decoded(signature_part)
        except ValueError:
            raise InvalidTokenError("the token is malformed") from None
        if not isinstance(header, dict) or not isinstance(claims, dict):
            raise InvalidTokenError("the token is malformed")
        algorithm = header.get("alg")
        if not isinstance(algorithm, str) or algorithm not in _HASHES:
            raise InvalidTokenError("signing method is invalid")
        key = await self._key(str(header.get("kid", "")))
        _verify_signature(key, algorithm, f"{header_part}.{claims_part}".encode(), signature)
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
                except (OSError, ValueError, KeyError, TypeError, ImportError) as error:
                    _LOG.error("JWT authorizer: no keys from %s: %r", self._issuer, error)
                    if not self._keys:
                        raise InvalidTokenError("OIDC discovery endpoint communication error") from None
        if key_id not in self._keys:
            raise InvalidTokenError("the token's key is unknown to the issuer")
        return self._keys[key_id]


def _fetch_keys(issuer: str) -> dict[str, Any]:
    """The issuer's RSA public keys by key id, found through its discovery document. Blocks."""
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers

    def get(url: str) -> Any:
        with urllib.request.urlopen(url, timeout=_FETCH_TIMEOUT) as response:
            return orjson.loads(response.read())

    def number(text: str) -> int:
        return int.from_bytes(_decoded(text), "big")

    keys = get(get(f"{issuer}/.well-known/openid-configuration")["jwks_uri"])["keys"]
    return {
        key.get("kid", ""): RSAPublicNumbers(number(key["e"]), number(key["n"])).public_key()
        for key in keys
        if key.get("kty") == "RSA"
    }


def _verify_signature(key: Any, algorithm: str, signed: bytes, signature: bytes) -> None:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15

    try:
        key.verify(signature, signed, PKCS1v15(), getattr(hashes, _HASHES[algorithm])())
    except InvalidSignature:
        raise InvalidTokenError("the token's signature is invalid") from None


def _decoded(text: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except binascii.Error as error:
        raise ValueError(str(error)) from None


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
    return orjson.dumps(value).decode()


def _challenge(scopes: tuple[str, ...], error: str, description: str) -> tuple[bytes, bytes]:
    text = f'Bearer scope="{" ".join(scopes)}" error="{error}" error_description="{description}"'
    return b"www-authenticate", text.encode("latin-1", "replace")
