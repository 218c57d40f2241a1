"""The issuer's authorization code flow: PKCE, loopback redirects alone, codes that count once."""

from __future__ import annotations

import asyncio
import base64
import hashlib
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import jwt
import pytest

from stellar_local_stack.auth import sign_in
from stellar_local_stack.auth.issuer import Issuer
from stellar_local_stack.auth.keys import Keys
from stellar_local_stack.auth.tokens import AUDIENCE

PAGE = "http://127.0.0.1:5174"
VERIFIER = "v" * 43
ASKED = {
    "response_type": "code",
    "client_id": "stellar-page",
    "redirect_uri": f"{PAGE}/",
    "scope": "predictor",
    "state": "s&1",
    "code_challenge": base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode(),
    "code_challenge_method": "S256",
}


class Browser:
    """A client of a running issuer, and the user's keys."""

    def __init__(self, http: httpx.AsyncClient, keys: Keys) -> None:
        self.http = http
        self.keys = keys

    async def authorize(self, typed: str | None = None, **changes: str) -> httpx.Response:
        fields = ASKED | changes | {"code": self.keys.sign_in_code() if typed is None else typed}
        return await self.http.post("/authorize", data=fields)

    async def code(self, **changes: str) -> str:
        answer = await self.authorize(**changes)
        assert answer.status_code == 303
        return parse_qs(urlsplit(answer.headers["location"]).query)["code"][0]

    async def exchange(self, code: str, /, **changes: str) -> httpx.Response:
        fields = {
            "grant_type": "authorization_code",
            "code": code,
            "client_id": "stellar-page",
            "redirect_uri": f"{PAGE}/",
            "code_verifier": VERIFIER,
        }
        return await self.http.post("/token", data=fields | changes, headers={"origin": PAGE})


@pytest.fixture
async def browser(tmp_path: Path) -> AsyncIterator[Browser]:
    keys = Keys(tmp_path)
    issuer = Issuer(keys, 0)
    stop = asyncio.Event()
    running = asyncio.create_task(issuer.serve(stop))
    async with httpx.AsyncClient(base_url=issuer.url, trust_env=False) as http:
        yield Browser(http, keys)
    stop.set()
    await running


async def test_sign_in_gives_a_predictors_token_for_an_hour(browser: Browser) -> None:
    form = await browser.http.get("/authorize", params=ASKED)
    assert (form.status_code, form.headers["cache-control"]) == (200, "no-store")
    assert f"form-action 'self' {PAGE};" in form.headers["content-security-policy"]
    assert f"{PAGE} asks to act as <b>predictor</b>" in form.text
    answer = await browser.authorize()
    target = urlsplit(answer.headers["location"])
    found = parse_qs(target.query)
    assert (answer.status_code, f"{target.scheme}://{target.netloc}{target.path}") == (303, f"{PAGE}/")
    assert found["state"] == ["s&1"]
    given = await browser.exchange(found["code"][0])
    assert given.headers["access-control-allow-origin"] == PAGE
    content = given.json()
    assert (content["token_type"], content["expires_in"], content["scope"]) == ("Bearer", 3600, "predictor")
    key = jwt.PyJWK(browser.keys.jwks()["keys"][0])
    claims = jwt.decode(content["access_token"], key, algorithms=["RS256"], audience=AUDIENCE)
    assert claims["exp"] - claims["iat"] == 3600


async def test_wrong_sign_in_code_gives_the_form_again_and_no_code(browser: Browser) -> None:
    answer = await browser.authorize("abcd-abcd-abcd-abcd")
    assert (answer.status_code, "location" in answer.headers) == (403, False)
    assert "That is not the code." in answer.text


@pytest.mark.parametrize(
    "changes",
    [
        {"client_id": "other"},
        {"response_type": "token"},
        {"code_challenge": ""},
        {"code_challenge_method": "plain"},
        {"scope": "root"},
        {"state": "s" * 501},
        {"redirect_uri": ""},
        {"redirect_uri": "https://example.com/"},
        {"redirect_uri": "http://127.0.0.1.example.com/"},
        {"redirect_uri": "http://localhost@example.com/"},
        {"redirect_uri": "http://user@localhost/"},
        {"redirect_uri": "http://example.com\\@127.0.0.1/"},
        {"redirect_uri": "http://127.0.0.1:99999/"},
        {"redirect_uri": "http://[::1/"},
        {"redirect_uri": "http://127.0.0.1/?a=b"},
        {"redirect_uri": "http://127.0.0.1/\r\nx: y"},
        {"redirect_uri": "javascript:alert(1)//127.0.0.1"},
    ],
    ids=lambda changes: "-".join(map(str, *changes.items()))[:60],
)
async def test_request_that_is_not_the_pages_is_refused_and_sends_nobody_anywhere(
    browser: Browser, changes: dict[str, str]
) -> None:
    asked = await browser.http.get("/authorize", params=ASKED | changes)
    posted = await browser.authorize(**changes)
    assert (asked.status_code, posted.status_code) == (400, 400)
    assert "location" not in posted.headers
    assert asked.json()["error"]


async def test_text_of_the_request_is_no_markup(browser: Browser) -> None:
    form = await browser.http.get("/authorize", params=ASKED | {"state": '"><script>alert(1)</script>'})
    assert "<script" not in form.text


async def test_field_that_comes_twice_is_refused(browser: Browser) -> None:
    answer = await browser.http.get(f"/authorize?{urlencode(ASKED)}&state=other")
    assert answer.json()["error_description"] == "A field comes twice."


@pytest.mark.parametrize(
    "changes",
    [
        {"code_verifier": "w" * 43},
        {"code_verifier": ""},
        {"redirect_uri": "http://127.0.0.1:1/"},
        {"client_id": "other"},
        {"code": "made up"},
        {"grant_type": "password"},
    ],
    ids=str,
)
async def test_code_is_for_who_asked_for_it(browser: Browser, changes: dict[str, str]) -> None:
    code = await browser.code()
    assert (await browser.exchange(code, **changes)).status_code == 400


async def test_code_counts_once_and_not_for_long(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    code = await browser.code()
    assert (await browser.exchange(code)).status_code == 200
    assert (await browser.exchange(code)).json()["error"] == "invalid_grant"
    monkeypatch.setattr(sign_in, "CODE_SECONDS", -1.0)
    assert (await browser.exchange(await browser.code())).json()["error"] == "invalid_grant"


@pytest.mark.parametrize("origin", ["https://example.com", "null", "http://127.0.0.1.example.com"])
async def test_other_sites_pages_are_refused(browser: Browser, origin: str) -> None:
    for path in ("/token", "/authorize"):
        answer = await browser.http.post(path, data=ASKED, headers={"origin": origin})
        assert (answer.status_code, "access-control-allow-origin" in answer.headers) == (403, False)


async def test_another_page_of_this_machine_cannot_send_the_form(browser: Browser) -> None:
    fields = ASKED | {"code": browser.keys.sign_in_code()}
    answer = await browser.http.post("/authorize", data=fields, headers={"origin": PAGE})
    assert answer.status_code == 403


async def test_large_form_is_refused(browser: Browser) -> None:
    assert (await browser.http.post("/token", data={"code": "x" * 10_000})).status_code == 413
