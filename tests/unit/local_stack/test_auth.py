"""The issuer for development: keys that are the user's alone, tokens with a role and an end."""

from __future__ import annotations

import base64
import json
import os
import stat
import time
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from stellar_local_stack.auth import keys as keys_module
from stellar_local_stack.auth.cli import auth
from stellar_local_stack.auth.keys import Keys
from stellar_local_stack.auth.tokens import AUDIENCE, ISSUER


def run(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(auth, [*arguments, "--folder", str(folder)])


def claims(token: str) -> dict[str, Any]:
    part = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def test_token_has_its_role_and_its_end(tmp_path: Path) -> None:
    done = run(tmp_path / "auth", "token", "--role", "predictor", "--ttl", "15m")
    found = claims(done.output)
    assert (found["iss"], found["aud"], found["scope"]) == (ISSUER, AUDIENCE, "predictor")
    assert found["exp"] - found["iat"] == 15 * 60


@pytest.mark.parametrize("ttl", ["0", "25h", "1d", "-1s", "soon", "1.5h"])
def test_life_that_is_none_or_too_long_is_refused(tmp_path: Path, ttl: str) -> None:
    done = run(tmp_path / "auth", "token", "--ttl", ttl)
    assert done.exit_code in (1, 2)
    assert "Traceback" not in done.output
    assert "Error: " in done.output


def test_keys_are_the_users_alone(tmp_path: Path) -> None:
    folder = tmp_path / "state/auth"
    Keys(folder)
    [key] = folder.iterdir()
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_rotation_signs_anew_and_keeps_what_may_still_be_in_use(tmp_path: Path) -> None:
    first = Keys(tmp_path)
    _, old = first.signing()
    assert run(tmp_path, "rotate").exit_code == 0
    _, new = Keys(tmp_path).signing()
    assert old != new
    assert {key["kid"] for key in first.jwks()["keys"]} == {old, new}


def test_key_whose_tokens_have_all_expired_is_forgotten(tmp_path: Path) -> None:
    keys = Keys(tmp_path)
    second = keys.rotate()
    oldest = min(tmp_path.iterdir())
    long_ago = time.time() - keys_module.KEPT_SECONDS - 60
    os.utime(oldest, (long_ago, long_ago))
    third = keys.rotate()
    assert {key["kid"] for key in keys.jwks()["keys"]} == {second, third}


def test_public_keys_have_no_private_part(tmp_path: Path) -> None:
    [key] = Keys(tmp_path).jwks()["keys"]
    assert key.keys() == {"kty", "n", "e", "kid", "use", "alg"}


def test_folder_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = run(tmp_path / "file/auth", "token")
    assert done.exit_code == 1
    assert f"No key can be kept in {tmp_path}/file/auth" in done.output


def test_file_that_is_no_key_is_named(tmp_path: Path) -> None:
    (tmp_path / "9.pem").write_text("nothing")
    done = run(tmp_path, "token")
    assert done.exit_code == 1
    assert "9.pem is no key that can be read" in done.output


def test_sign_in_code_stays_and_is_the_users_alone(tmp_path: Path) -> None:
    first = run(tmp_path, "code").output
    assert first == run(tmp_path, "code").output
    assert len(first.strip()) == 19
    assert stat.S_IMODE((tmp_path / "sign-in-code").stat().st_mode) == 0o600
