"""The file of ``--env-vars`` and how its values reach a function.

Mirrors "Environment variable file" in the SAM CLI's documentation: ``{"Parameters": {…}}`` for every function and
``{"FunctionLogicalId": {…}}`` for one. As in SAM, only a variable that the template declares is overridden.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from lambda_emulator.template.errors import TemplateError
from lambda_emulator.template.values import as_text

EVERY_FUNCTION = "Parameters"


def read_environment_file(path: Path) -> dict[str, dict[str, str]]:
    """The overrides in an ``--env-vars`` file, by function (or ``Parameters``). Raises TemplateError.

    A table or a list as a value counts as empty, as with SAM CLI: there it is an intrinsic that was not resolved.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise TemplateError(f"cannot be read: {error.strerror}", path=path) from None
    except ValueError as error:
        raise TemplateError(f"not well-formed JSON: {error}", line=getattr(error, "lineno", None), path=path) from None
    if not isinstance(data, dict) or not all(isinstance(value, dict) for value in data.values()):
        raise TemplateError('write {"FunctionLogicalId": {"NAME": "value"}} or {"Parameters": {…}}', path=path)
    return {name: {key: _text(value) for key, value in values.items()} for name, values in data.items()}


def _text(value: Any) -> str:
    return "" if isinstance(value, dict | list) else as_text(value)


def overrides_of(names: Iterable[str], overrides: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """The values that are meant for the function of these names: those for every function first, then its own."""
    merged: dict[str, str] = {}
    for key in (EVERY_FUNCTION, *names):
        merged |= overrides.get(key, {})
    return merged
