"""Parameters from ``samconfig.toml`` (or ``.yaml``), as SAM CLI reads them for its local commands.

Mirrors "AWS SAM CLI configuration file": ``[default.local_start_api.parameters]`` over
``[default.global.parameters]``, beside the template unless ``--config-file`` says otherwise. The command line and
environment variables win over the file. ``--save-params`` writes it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click
import yaml

_OTHER_NAMES = {"template": "template_file", "docker_volume_basedir": "code_base", "json": "as_json"}
"""What the file calls parameters that the code calls otherwise."""
_NAMES = ("samconfig.toml", "samconfig.yaml", "samconfig.yml")


class ConfigFileError(click.ClickException):
    """The configuration file cannot be used; the text says why."""


def read_parameters(command: str, args: Sequence[str]) -> dict[str, Any]:
    """The defaults that the configuration file has for a command such as ``start-api``.

    ``args`` is the command line, searched for ``--config-file``, ``--config-env`` and the template's place.

    Raises ConfigFileError.
    """
    path = _config_file(args)
    if path is None:
        return {}
    content = _parse(path).get(_value(args, ("--config-env",)) or "default", {})
    section = _section(command)
    try:
        parameters = dict(content.get("global", {}).get("parameters", {}))
        parameters |= content.get(section, {}).get("parameters", {})
    except (AttributeError, TypeError):
        raise ConfigFileError(f"Error reading configuration: {path} has no tables of parameters") from None
    for written, known in _OTHER_NAMES.items():
        if written in parameters:
            parameters.setdefault(known, parameters.pop(written))
    return parameters


def write_parameters(command: str, args: Sequence[str], parameters: Mapping[str, Any]) -> Path:
    """Put parameters of a command into the configuration file, and leave all else in it as it is. The file's path.

    Raises ConfigFileError.
    """
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    path = _config_file(args) or _folder(args) / _NAMES[0]
    if path.suffix != ".toml":
        raise ConfigFileError(f"--save-params: {path} is no TOML file, and only such are written.")
    try:
        content: Any = tomlkit.parse(path.read_text("utf-8")) if path.is_file() else tomlkit.document()
        content.setdefault("version", 0.1)  # SAM CLI takes no file without
        table = content
        for name in (_value(args, ("--config-env",)) or "default", _section(command), "parameters"):
            table = table.setdefault(name, tomlkit.table(is_super_table=name != "parameters"))
        table.update(parameters)
        path.write_text(tomlkit.dumps(content), "utf-8")
    except (OSError, TOMLKitError, AttributeError, TypeError) as error:
        raise ConfigFileError(f"--save-params: {path} cannot be written: {error}") from None
    return path


def _config_file(args: Sequence[str]) -> Path | None:
    """The file that is named, or the one that is there; None where there is none. Raises ConfigFileError."""
    folder = _folder(args)
    wanted = _value(args, ("--config-file",))
    if wanted is None:
        return next((folder / name for name in _NAMES if (folder / name).is_file()), None)
    if not (folder / wanted).is_file():
        raise ConfigFileError(f"Config file {wanted} does not exist or could not be read!")
    return folder / wanted


def _folder(args: Sequence[str]) -> Path:
    template = _value(args, ("--template-file", "--template", "-t"))
    return Path(template).parent if template else Path()


def _section(command: str) -> str:
    return f"local_{command.replace('-', '_')}"


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
