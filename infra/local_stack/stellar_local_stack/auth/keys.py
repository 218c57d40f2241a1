"""Signing keys: RSA, one file each, readable by the user alone. The newest signs; the others still verify.

Mirrors RFC 7517, "JSON Web Key"; a key's id is its thumbprint (RFC 7638).
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import secrets
import time
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from stellar_local_stack.state_files import state_folder, write_private

KEPT_SECONDS = 24 * 60 * 60.0
"""For how long a key that signs no more still verifies: the longest life of a token."""

_SIGN_IN = "sign-in-code"


class KeyFolderError(OSError):
    """The folder, or a key in it, cannot be used. The text says what to do."""


def default_folder() -> Path:
    """``$STELLAR_AUTH_FOLDER``, or ``$XDG_STATE_HOME/stellar/auth``, which is ``~/.local/state/stellar/auth``."""
    given = os.environ.get("STELLAR_AUTH_FOLDER")
    return Path(given) if given else state_folder("auth")


class Keys:
    """The keys in a folder, which is made with a first key where there is none. Raises KeyFolderError."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or default_folder()
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if not self._files():
                self.rotate()
        except OSError as error:
            raise KeyFolderError(f"No key can be kept in {self.folder}: {error.strerror or error}") from None

    def rotate(self) -> str:
        """Sign with a new key from now on, and forget those whose tokens have all expired. Gives the new key's id."""
        newest = self._files()[-1:]
        for file in self._files():
            if file not in newest and time.time() - file.stat().st_mtime > KEPT_SECONDS:
                file.unlink(missing_ok=True)
        for file in newest:
            os.utime(file)  # from now on it only verifies
        key = generate_private_key(public_exponent=65537, key_size=2048)
        text = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        write_private(self.folder / f"{time.time_ns():020d}.pem", text)
        return thumbprint(public_jwk(key))

    def signing(self) -> tuple[RSAPrivateKey, str]:
        """The key that signs now, and its id. Raises KeyFolderError."""
        key = _load(self._files()[-1])
        return key, thumbprint(public_jwk(key))

    def jwks(self) -> dict[str, Any]:
        """Every key's public half, as a JWK set. Read anew each time: keys may have been rotated by a command."""
        keys = [public_jwk(_load(file)) for file in self._files()]
        return {"keys": [{**key, "kid": thumbprint(key), "use": "sig", "alg": "RS256"} for key in keys]}

    def sign_in_code(self) -> str:
        """What the user types to sign in to the web page: known to whoever may read the folder. Raises KeyFolderError.

        It has 80 random bits, so that guesses need no count.
        """
        file = self.folder / _SIGN_IN
        try:
            if not file.exists():
                made = base64.b32encode(secrets.token_bytes(10)).decode().lower()
                write_private(file, "-".join(made[start : start + 4] for start in range(0, 16, 4)).encode())
            return file.read_text().strip()
        except OSError as error:
            raise KeyFolderError(f"{file} cannot be used: {error.strerror or error}") from None

    def _files(self) -> list[Path]:
        return sorted(self.folder.glob("*.pem"))


def public_jwk(key: RSAPrivateKey) -> dict[str, str]:
    """The members of an RSA public key that its thumbprint is of."""
    numbers = key.public_key().public_numbers()
    return {"e": _number(numbers.e), "kty": "RSA", "n": _number(numbers.n)}


def thumbprint(jwk: dict[str, str]) -> str:
    """RFC 7638: SHA-256 over the members in the order of their names."""
    content = json.dumps(jwk, sort_keys=True, separators=(",", ":")).encode()
    return _base64(hashlib.sha256(content).digest())


def _load(file: Path) -> RSAPrivateKey:
    try:
        key = load_pem_private_key(file.read_bytes(), password=None)
    except (OSError, ValueError) as error:
        raise KeyFolderError(f"{file} is no key that can be read ({error}). Delete it.") from None
    if not isinstance(key, RSAPrivateKey):
        raise KeyFolderError(f"{file} is no RSA key. Delete it.")
    return key


def _number(value: int) -> str:
    return _base64(value.to_bytes((value.bit_length() + 7) // 8, "big"))


def _base64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
