"""The inputs of the commands that are not plain values: parameter overrides, variable files, events.

Mirrors the syntax of SAM CLI's ``--parameter-overrides`` and ``--env-vars``.
"""

from __future__ import annotations

import codecs
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
import orjson
import yaml

from lambda_emulator.template import TemplateError, parse_parameter_overrides, read_environment_file
from lambda_emulator.template.values import as_text

_INCLUDE = "$include"


class InputError(click.ClickException):
    """An input file cannot be used; the text names it and says why."""


class ParameterOverrides(click.ParamType[dict[str, str]]):
    """``Key=value``, ``ParameterKey=Key,ParameterValue=value`` or ``file://parameters.yaml``.

    A configuration file, or the file that is named, may give a list of these, or a table. Files are YAML, JSON or TOML;
    ``$include`` in a table names others, whose values those of the table override. Paths in a file are relative to it.
    """

    name = "list"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> dict[str, str]:
        try:
            return _overrides(value, ())
        except (OSError, ValueError, yaml.YAMLError) as error:
            self.fail(str(error), param, ctx)


def _overrides(value: Any, files: tuple[Path, ...]) -> dict[str, str]:
    """The values that are meant; ``files`` lead to where they stand. Raises OSError, ValueError, YAMLError."""
    if isinstance(value, Mapping):
        included = _overrides([f"file://{str(name).removeprefix('file://')}" for name in _names(value)], files)
        return included | {str(key): _parameter_text(item) for key, item in value.items() if key != _INCLUDE}
    if isinstance(value, list | tuple):
        return {key: text for item in value for key, text in _overrides(item, files).items()}
    text = as_text(value)
    if not text.startswith("file://"):
        return parse_parameter_overrides((text,))
    path = (files[-1].parent if files else Path()) / text.removeprefix("file://")
    if path.resolve() in files:
        raise ValueError(f"{path} includes itself")
    content = path.read_text("utf-8-sig")
    parsed = tomllib.loads(content) if path.suffix == ".toml" else yaml.safe_load(content)
    return _overrides(parsed or {}, (*files, path.resolve()))


def _names(table: Mapping[str, Any]) -> list[Any]:
    """The files that a table includes."""
    names = table.get(_INCLUDE, [])
    return names if isinstance(names, list) else [names]


def _parameter_text(value: object) -> str:
    return ",".join(map(as_text, value)) if isinstance(value, list) else as_text(value)


def read_variables(path: Path) -> dict[str, dict[str, str]]:
    """A file for ``--env-vars``: JSON with a table for each function, or a ``.env`` file for all of them.

    The table ``Parameters`` is for every function.

    Raises InputError.
    """
    try:
        text = path.read_text("utf-8-sig").lstrip()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"Could not read environment variables from {path}: {error}") from None
    if not text.startswith(("{", "[")):
        return {"Parameters": _dotenv(text, path)}
    try:
        return read_environment_file(path)
    except TemplateError as error:
        raise InputError(str(error)) from None


def read_container_variables(path: Path) -> dict[str, dict[str, str]]:
    """A file for ``--container-env-vars``: JSON with names and values for all functions, or as for ``--env-vars``.

    Raises InputError.
    """
    try:
        content = orjson.loads(path.read_bytes().removeprefix(codecs.BOM_UTF8))
    except orjson.JSONDecodeError:
        content = None
    if isinstance(content, dict) and not any(isinstance(value, dict | list) for value in content.values()):
        return {"Parameters": {name: as_text(value) for name, value in content.items()}}
    return read_variables(path)


def _dotenv(text: str, path: Path) -> dict[str, str]:
    variables = {}
    for line in text.splitlines():
        line = line.strip().removeprefix("export ")
        if not line or line.startswith("#"):
            continue
        name, equals, value = line.partition("=")
        if not equals or not name.strip().isidentifier():
            raise InputError(f"Could not read environment variables from {path}: neither JSON nor .env")
        variables[name.strip()] = value.strip().strip("\"'")
    return variables


def read_event(source: str | None) -> bytes:
    """The event of ``invoke``: a file, ``-`` for stdin, or an empty object.

    Raises InputError.
    """
    if source is None:
        return b"{}"
    try:
        with click.open_file(source, "rb") as stream:
            content: bytes = stream.read()
    except OSError as error:
        raise InputError(f"The event cannot be read: {error}") from None
    name = "stdin" if source == "-" else source
    content = content.strip() or b"{}"
    try:
        orjson.loads(content)
    except orjson.JSONDecodeError as error:
        raise InputError(f"The event of {name} is not JSON: {error}") from None
    return content
