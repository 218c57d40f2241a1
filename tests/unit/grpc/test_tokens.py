"""Tokens over gRPC: the same verdict as the HTTP API's authorizer gives, on whatever is sent as a token."""

from __future__ import annotations

import base64
import json
import time
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from jwt import PyJWK

from lambda_emulator.http_api import create_app
from lambda_emulator.http_api.authorizers import jwt as http_jwt
from lambda_emulator.stack import JwtAuthorizer, Route
from stellar_grpc import tokens
from stellar_grpc.tokens import InvalidTokenError, TokenVerifier
from stellar_local_stack.auth.keys import Keys
from support.gateway_doubles import AsgiClient, FakeInvoker, a_function, an_api

ISSUER = "https://issuer.example.com"
NOW = time.time()
TOMORROW = NOW + 86_400  # the tests may run long after they were collected


class Issuer:
    """The issuer's keys without a network. ``fetches`` counts how often they were asked for."""

    def __init__(self, keys: Keys) -> None:
        self.keys = keys
        self.fetches = 0

    def fetch(self, issuer: str) -> dict[str, Any]:
        assert issuer == ISSUER
        self.fetches += 1
        return {key["kid"]: PyJWK(key, "RS256").key for key in self.keys.jwks()["keys"]}

    def token(self, header: Any = None, drop: str = "", digest: Any = hashes.SHA256, **claims: Any) -> str:
        key, key_id = self.keys.signing()
        content = {"iss": ISSUER, "aud": "sky", "exp": TOMORROW, "sub": "user", "scope": "reader", **claims}
        content.pop(drop, None)
        signed = f"{part({'alg': 'RS256', 'kid': key_id} | (header or {}))}.{part(content)}"
        return f"{signed}.{part(key.sign(signed.encode(), padding.PKCS1v15(), digest()))}"


def part(content: Any) -> str:
    raw = content if isinstance(content, bytes) else json.dumps(content).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    return Keys(tmp_path_factory.mktemp("keys"))


@pytest.fixture
def issuer(keys: Keys, monkeypatch: pytest.MonkeyPatch) -> Issuer:
    issuer = Issuer(keys)
    monkeypatch.setattr(tokens, "_fetch_keys", issuer.fetch)
    monkeypatch.setattr(http_jwt, "_fetch_keys", issuer.fetch)
    return issuer


async def over_grpc(token: str) -> bool:
    try:
        await TokenVerifier(ISSUER, "sky").scopes(token)
    except InvalidTokenError:
        return False
    return True


async def over_http(token: str) -> bool:
    route = Route("GET", "/x", "Hello", authorizer="Jwt")
    api = an_api("http", route, authorizers=(JwtAuthorizer("Jwt", ISSUER, ("sky",)),))
    client = AsgiClient(create_app(api, FakeInvoker(a_function(), answer=lambda event: {"statusCode": 200})))
    return (await client.get("/x", headers={"authorization": f"Bearer {token}"})).status == 200


GOOD: list[dict[str, Any]] = [
    {},
    {"aud": ["other", "sky"]},
    {"drop": "aud", "client_id": "sky"},
    {"iss": f"{ISSUER}/"},
    {"nbf": NOW - 10, "iat": NOW - 10.5},
    {"sub": 5, "jti": 7},
    {"drop": "scope", "scp": ["reader"]},
    {"header": {"typ": "at+jwt"}},
    {"header": {"alg": "RS384"}, "digest": hashes.SHA384},
    {"header": {"alg": "RS512"}, "digest": hashes.SHA512},
]
BAD: list[dict[str, Any]] = [
    {"iss": "https://other"},
    {"aud": "other"},
    {"drop": "aud"},
    {"aud": "other", "client_id": "sky"},
    {"exp": 1},
    {"exp": NOW - 0.5},
    {"exp": str(int(TOMORROW))},
    {"exp": True},
    {"drop": "exp"},
    {"nbf": TOMORROW},
    {"iat": TOMORROW},
    {"nbf": "soon"},
    {"scope": 5},
    {"header": {"alg": "none"}},
    {"header": {"alg": "HS256"}},
    {"header": {"alg": "ES256"}},
    {"header": {"alg": "RS512"}},
    {"header": {"alg": "RS256"}, "digest": hashes.SHA512},
    {"header": {"alg": None}},
    {"header": {"alg": ["RS256"]}},
    {"header": {"kid": "unknown"}},
    {"header": {"kid": 5}},
]


@pytest.mark.parametrize("changes", GOOD, ids=range(len(GOOD)))
async def test_good_token_is_good_over_http_and_grpc(issuer: Issuer, changes: dict[str, Any]) -> None:
    token = issuer.token(**changes)
    assert (await over_http(token), await over_grpc(token)) == (True, True)


@pytest.mark.parametrize("changes", BAD, ids=range(len(BAD)))
async def test_bad_token_is_bad_over_http_and_grpc(issuer: Issuer, changes: dict[str, Any]) -> None:
    token = issuer.token(**changes)
    assert (await over_http(token), await over_grpc(token)) == (False, False)


@pytest.mark.parametrize("token", ["", "x", "..", "a.b.c", f"{part([])}.{part([])}.", "é", "a" * 100_000], ids=range(7))
async def test_what_is_no_token_is_bad_over_http_and_grpc(issuer: Issuer, token: str) -> None:
    assert (await over_http(token), await over_grpc(token)) == (False, False)


async def test_new_key_is_fetched_and_made_up_ones_are_not_fetched_for(
    issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tokens, "FETCH_AGAIN_SECONDS", 3600.0)
    verifier = TokenVerifier(ISSUER, "sky")
    before = issuer.token()
    assert await verifier.scopes(before) == {"reader"}
    for _ in range(20):
        with pytest.raises(InvalidTokenError, match="unknown"):
            await verifier.scopes(issuer.token(header={"kid": "made up"}))
    assert issuer.fetches == 1
    issuer.keys.rotate()
    monkeypatch.setattr(tokens, "FETCH_AGAIN_SECONDS", 0.0)
    assert await verifier.scopes(issuer.token()) == {"reader"}
    assert await verifier.scopes(before) == {"reader"}
    assert issuer.fetches == 2
