"""Parameters from ``samconfig.toml`` (or ``.yaml``), as SAM CLI reads them for its local commands.

Mirrors "AWS SAM CLI configuration file": ``[default.local_start_api.parameters]`` over
``[default.global.parameters]``, beside the template unless ``--config-file`` says otherwise. The command line and
environment variables win over the file.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
import yaml

_NAMES = ("samconfig.toml", "samconfig.yaml", "samconfig.yml")


class ConfigFileError(click.ClickException):
    """The configuration file cannot be used; the text says why."""


def read_parameters(command: str, args: Sequence[str]) -> dict[str, Any]:
    """The defaults that the configuration file has for a command such as ``start-api``.

    ``args`` is the command line, searched for ``--config-file``, ``--config-env`` and the template's place.

    Raises ConfigFileError.
    """
    template = _value(args, ("--template-file", "--template", "-t"))
    folder = Path(template).parent if template else Path()
    wanted = _value(args, ("--config-file",))
    if wanted is not None:
        path = folder / wanted
        if not path.is_file():
            raise ConfigFileError(f"Config file {wanted} does not exist or could not be read!")
    else:
        found = next((folder / name for name in _NAMES if (folder / name).is_file()), None)
        if found is None:
            return {}
        path = found
    content = _parse(path).get(_value(args, ("--config-env",)) or "default", {})
    section = f"local_{command.replace('-', '_')}"
    try:
        parameters = dict(content.get("global", {}).get("parameters", {}))
        parameters |= content.get(section, {}).get("parameters", {})
    except (AttributeError, TypeError):
        raise ConfigFileError(f"Error reading configuration: {path} has no tables of parameters") from None
    if "template" in parameters:
        parameters.setdefault("template_file", parameters.pop("template"))
    return parameters


def _parse(path: Path) -> dict[str, Any]:
    try:
        if path.suffix == ".toml":
            content: Any = tomllib.loads(path.read_text("utf-8"))
        else:
            content = yaml.safe_load(path.read_text("utf-8"))
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise ConfigFileError(f"Error reading configuration: {path}: {error}") from None
    return content if isinstance(content, dict) else {}


def _value(args: Sequence[str], flags: Sequence[str]) -> str | None:
    """The last value given to an option, before click has read the command line."""
    value = None
    for index, arg in enumerate(args):
        name, equals, attached = arg.partition("=")
        if name in flags:
            value = attached if equals else next(iter(args[index + 1 : index + 2]), None)
    return value
