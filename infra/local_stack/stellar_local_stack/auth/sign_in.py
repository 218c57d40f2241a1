"""The authorization code flow for pages on this machine: a sign-in form, a code for it, a token for the code.

Mirrors RFC 6749, section 4.1, with PKCE (RFC 7636, S256 alone) and what RFC 8252, section 7.3, says of loopback
redirects: any port of a loopback address, and nothing else. There is one user: whoever may read the folder of keys,
where the sign-in code is.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import html
import re
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from stellar.roles import Role
from stellar_local_stack.auth.keys import Keys
from stellar_local_stack.auth.tokens import access_token

CLIENT = "stellar-page"
TOKEN_SECONDS = 60 * 60.0
CODE_SECONDS = 60.0

_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
_STATE = re.compile(r"[\x20-\x7e]{0,500}")


class RequestRefusedError(ValueError):
    """The request cannot be granted. ``code`` is OAuth's word for why."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code


@dataclass(frozen=True, slots=True)
class Request:
    """What a page asks for, as its address and the form carry it."""

    redirect_uri: str
    challenge: str
    state: str
    role: Role

    @classmethod
    def read(cls, given: Mapping[str, str]) -> Request:
        """Raises RequestRefusedError; nobody is sent anywhere then, as the address may be a stranger's."""
        if given.get("client_id") != CLIENT:
            raise RequestRefusedError("unauthorized_client", f"The one client here is {CLIENT}.")
        redirect_uri = given.get("redirect_uri", "")
        if not is_loopback(redirect_uri):
            raise RequestRefusedError("invalid_request", "redirect_uri must be an address of this machine.")
        if given.get("response_type") != "code":
            raise RequestRefusedError("unsupported_response_type", "response_type must be code.")
        challenge, state = given.get("code_challenge", ""), given.get("state", "")
        if given.get("code_challenge_method") != "S256" or not _CHALLENGE.fullmatch(challenge):
            raise RequestRefusedError("invalid_request", "A code_challenge of the method S256 is needed (PKCE).")
        if not _STATE.fullmatch(state):
            raise RequestRefusedError("invalid_request", "state is at most 500 printable characters.")
        try:
            role = Role(given.get("scope", Role.PREDICTOR))
        except ValueError:
            raise RequestRefusedError("invalid_scope", f"scope is one of {', '.join(Role)}.") from None
        return cls(redirect_uri, challenge, state, role)

    @property
    def origin(self) -> str:
        """Where the browser is sent back to."""
        parts = urlsplit(self.redirect_uri)
        return f"{parts.scheme}://{parts.netloc}"

    def form(self, wrong: bool = False) -> bytes:
        """The page that asks for the sign-in code."""
        fields = {
            "client_id": CLIENT,
            "redirect_uri": self.redirect_uri,
            "response_type": "code",
            "code_challenge": self.challenge,
            "code_challenge_method": "S256",
            "state": self.state,
            "scope": str(self.role),
        }
        hidden = "".join(f'<input type="hidden" name="{k}" value="{html.escape(v)}">' for k, v in fields.items())
        complaint = '<p role="alert"><strong>That is not the code.</strong></p>' if wrong else ""
        return f"""<!doctype html><html lang="en"><meta charset="utf-8"><title>Sign in · Stellar</title>
<h1>Sign in to Stellar</h1><p>{html.escape(self.origin)} asks to act as <b>{self.role}</b> for an hour.
<p>The sign-in code is what <code>stellar auth code</code> prints.</p>{complaint}
<form method="post"><input type="hidden" name="username" value="developer" autocomplete="username">{hidden}
<label>Sign-in code <input name="code" type="password" autocomplete="current-password" required autofocus></label>
<button>Sign in</button></form></html>""".encode()


class SignIn:
    """Codes given and not yet exchanged."""

    def __init__(self, keys: Keys, issuer: str) -> None:
        self._keys = keys
        self._issuer = issuer
        self._given: dict[str, tuple[Request, float]] = {}

    def redirect(self, request: Request, sign_in_code: str) -> str | None:
        """The address to send the browser to, with a code; None if the sign-in code is wrong. Raises KeyFolderError."""
        if not hmac.compare_digest(sign_in_code.strip().encode(), self._keys.sign_in_code().encode()):
            return None
        now = time.monotonic()
        self._given = {code: each for code, each in self._given.items() if each[1] > now}
        code = secrets.token_urlsafe(32)
        self._given[code] = request, now + CODE_SECONDS
        answer = urlencode({"code": code, "state": request.state, "iss": self._issuer})
        return f"{request.redirect_uri}?{answer}"

    def exchange(self, given: Mapping[str, str]) -> dict[str, object]:
        """The answer with the token for a code. Raises RequestRefusedError, KeyFolderError."""
        if given.get("grant_type") != "authorization_code":
            raise RequestRefusedError("unsupported_grant_type", "grant_type must be authorization_code.")
        request, until = self._given.pop(given.get("code", ""), (None, 0.0))
        digest = hashlib.sha256(given.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if (
            request is None
            or time.monotonic() > until
            or given.get("client_id") != CLIENT
            or given.get("redirect_uri") != request.redirect_uri
            or not hmac.compare_digest(challenge, request.challenge)
        ):
            raise RequestRefusedError("invalid_grant", "The code is unknown, used, too old, or another client's.")
        token = access_token(self._keys, request.role, TOKEN_SECONDS, issuer=self._issuer)
        return {
            "access_token": token,
            "token_type": "Bearer",
            "expires_in": int(TOKEN_SECONDS),
            "scope": str(request.role),
        }


def is_loopback(address: str) -> bool:
    """Whether the address is one of a page on this machine, without query or fragment."""
    try:
        parts = urlsplit(address)
        return (
            parts.scheme in ("http", "https")
            and parts.hostname in _LOOPBACK
            and parts.username is None
            and (parts.port is None or parts.port > 0)
            and not re.search(r"[?#\\\s]", address)
        )
    except ValueError:
        return False
