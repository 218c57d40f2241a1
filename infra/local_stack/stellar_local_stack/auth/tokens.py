"""Access tokens with roles. Mirrors RFC 9068, "JSON Web Token (JWT) Profile for OAuth 2.0 Access Tokens"."""

from __future__ import annotations

import time
import uuid

import jwt

from stellar.roles import Role
from stellar_local_stack.auth.keys import KEPT_SECONDS, Keys
from stellar_service import ports

ISSUER = ports.url(ports.AUTH)
AUDIENCE = "stellar"


def access_token(
    keys: Keys,
    role: Role,
    seconds: float,
    *,
    issuer: str = ISSUER,
    audience: str = AUDIENCE,
    subject: str = "developer",
) -> str:
    """A signed token for one role. Raises ValueError for a life that no key is kept for, KeyFolderError."""
    if not 0 < seconds <= KEPT_SECONDS:
        raise ValueError(f"The lifetime of a token must be between 1 second and {KEPT_SECONDS / 3600:g} hours.")
    key, key_id = keys.signing()
    now = int(time.time())
    claims = {
        "iss": issuer,
        "aud": audience,
        "sub": subject,
        "client_id": "stellar-cli",
        "scope": str(role),
        "iat": now,
        "exp": now + max(1, int(seconds)),
        "jti": uuid.uuid4().hex,
    }
    return jwt.encode(claims, key, algorithm="RS256", headers={"typ": "at+jwt", "kid": key_id})
