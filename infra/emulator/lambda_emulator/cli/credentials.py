"""The AWS credentials and the region that functions get: the shell's, or those of a profile, as in ``sam local``."""

from __future__ import annotations

import os
from pathlib import Path

_NAMES = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
_FILES = (("AWS_CONFIG_FILE", "~/.aws/config"), ("AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials"))


class ProfileError(ValueError):
    """The profile is not there, or it has no usable credentials."""


def aws_variables(region: str | None, profile: str | None) -> dict[str, str]:
    """Credentials of the named profile, else of the shell, else of the default profile; none where there are none.

    The region is the one given, else the shell's, else the profile's. Raises ProfileError.
    """
    profile = profile or os.environ.get("AWS_PROFILE")
    if profile or (_NAMES[0] not in os.environ and _has_files()):
        variables, own_region = _of_profile(profile)
    else:
        variables, own_region = {name: os.environ[name] for name in _NAMES if name in os.environ}, None
    region = region or os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or own_region
    if region:
        variables |= {"AWS_REGION": region, "AWS_DEFAULT_REGION": region}
    return variables


def _has_files() -> bool:
    return any(Path(os.environ.get(name, usual)).expanduser().is_file() for name, usual in _FILES)


def _of_profile(profile: str | None) -> tuple[dict[str, str], str | None]:
    """Credentials and region of a profile; None means the default one."""
    from botocore.exceptions import BotoCoreError
    from botocore.session import Session

    session = Session(profile=profile)
    try:
        session.get_component("credential_provider").remove("iam-role")  # of a machine in EC2: it takes seconds to ask
        credentials, region = session.get_credentials(), session.get_config_variable("region")
    except BotoCoreError as error:
        raise ProfileError(str(error)) from None
    if credentials is None:
        return {}, region
    frozen = credentials.get_frozen_credentials()
    values = (frozen.access_key, frozen.secret_key, frozen.token)
    return {name: value for name, value in zip(_NAMES, values, strict=True) if value}, region
