"""JWT authorizers: signature, claims, scopes."""

from __future__ import annotations

import base64
import json
import time
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from lambda_emulator.http_api import create_app
from lambda_emulator.http_api.authorizers import jwt
from lambda_emulator.stack import JwtAuthorizer, Route
from support.gateway_doubles import AsgiClient, FakeInvoker, Response, a_function, an_api

ISSUER = "https://issuer.example.com"
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


def segment(content: Any) -> str:
    raw = content if isinstance(content, bytes) else json.dumps(content).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def token(key_id: str = "k1", algorithm: str = "RS256", *, drop: str = "", **claims: Any) -> str:
    content = {"iss": ISSUER, "aud": "me", "exp": time.time() + 60, "sub": "user", **claims}
    content.pop(drop, None)
    signed = f"{segment({'alg': algorithm, 'kid': key_id})}.{segment(content)}"
    return f"{signed}.{segment(KEY.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256()))}"


class Guarded:
    def __init__(self, *scopes: str) -> None:
        self.invoker = FakeInvoker(a_function(), answer=lambda event: {"statusCode": 200})
        route = Route("GET", "/x", "Hello", authorizer="Jwt", scopes=scopes)
        api = an_api("http", route, authorizers=(JwtAuthorizer("Jwt", ISSUER, ("me", "other")),))
        self.client = AsgiClient(create_app(api, self.invoker))

    async def get(self, bearer: str | None) -> Response:
        return await self.client.get("/x", headers={} if bearer is None else {"authorization": bearer})


@pytest.fixture(autouse=True)
def fetches(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The issuer's keys without a network, and a record of each fetch."""
    fetched: list[str] = []

    def fetch(issuer: str) -> dict[str, Any]:
        fetched.append(issuer)
        return {"k1": KEY.public_key()}

    monkeypatch.setattr(jwt, "_fetch_keys", fetch)
    return fetched


async def test_claims_and_scopes_reach_the_function_as_text(fetches: list[str]) -> None:
    guarded = Guarded("read")
    bearer = token(scope="write read", n=5, admin=True, groups=["a", "b"])
    assert (await guarded.get(f"Bearer {bearer}")).status == 200
    assert (await guarded.get(bearer)).status == 200
    identity = guarded.invoker.last.event["requestContext"]["authorizer"]["jwt"]
    assert identity["scopes"] == ["read"]
    assert identity["claims"]["n"] == "5"
    assert identity["claims"]["admin"] == "true"
    assert identity["claims"]["groups"] == "[a b]"
    assert fetches == [ISSUER]


FAR_FUTURE = 4_102_444_800  # 2100


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"iss": "https://other"}, "issuer"),
        ({"aud": "you"}, "audience"),
        ({"drop": "aud"}, "audience"),
        ({"exp": 1}, "expired"),
        ({"drop": "exp"}, "expired"),
        ({"exp": "soon"}, "no number"),
        ({"nbf": FAR_FUTURE}, "not valid yet"),
        ({"iat": FAR_FUTURE}, "in the future"),
        ({"algorithm": "HS256"}, "signing method"),
        ({"algorithm": "none"}, "signing method"),
        ({"algorithm": "RS512"}, "signature is invalid"),
        ({"key_id": "unknown"}, "unknown"),
    ],
)
async def test_a_token_that_is_not_accepted(changes: dict[str, Any], reason: str) -> None:
    response = await Guarded().get(f"Bearer {token(**changes)}")
    assert (response.status, response.body) == (401, b'{"message":"Unauthorized"}')
    challenge = response.header("www-authenticate") or ""
    assert challenge.startswith('Bearer scope="" error="invalid_token" error_description="')
    assert reason in challenge


@pytest.mark.parametrize(
    "bearer", ["Bearer x", "Bearer a.b.c", "Bearer ..", f"Bearer {segment([])}.{segment([])}.", "é"]
)
async def test_a_malformed_token(bearer: str) -> None:
    response = await Guarded().get(bearer)
    assert response.status == 401


async def test_no_token_at_all() -> None:
    response = await Guarded().get(None)
    assert (response.status, response.header("www-authenticate")) == (401, "Bearer")


async def test_client_id_stands_in_for_an_audience() -> None:
    assert (await Guarded().get(token(drop="aud", client_id="other"))).status == 200
    assert (await Guarded().get(token(client_id="other", aud=["me", "x"]))).status == 200


async def test_a_token_without_the_routes_scope_is_forbidden() -> None:
    response = await Guarded("read").get(token(scope="write"))
    assert (response.status, response.body) == (403, b'{"message":"Forbidden"}')
    assert 'error="insufficient_scope"' in (response.header("www-authenticate") or "")


async def test_an_issuer_out_of_reach_is_no_way_in(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(issuer: str) -> dict[str, Any]:
        raise OSError("no network")

    monkeypatch.setattr(jwt, "_fetch_keys", fail)
    assert (await Guarded().get(token())).status == 401


@pytest.mark.parametrize("value", [None, True, 1, 1.5, {}, {"a": []}, [], [{}], [[]], [None]], ids=repr)
@pytest.mark.parametrize("claim", ["iss", "aud", "client_id", "exp", "nbf", "iat", "scope", "scp", "sub"])
async def test_claims_of_wrong_types_are_no_error_of_the_gateway(claim: str, value: Any) -> None:
    guarded = Guarded("read")
    drop = "aud" if claim == "client_id" else ""
    assert (await guarded.get(token(drop=drop, **{claim: value}))).status in (401, 403)


@pytest.mark.parametrize("algorithm", [None, [], {}, 1], ids=repr)
async def test_an_algorithm_that_is_no_text_is_401(algorithm: Any) -> None:
    assert (await Guarded().get(token(algorithm=algorithm))).status == 401
