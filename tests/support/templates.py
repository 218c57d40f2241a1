"""Templates written by a test, and what they come to."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from lambda_emulator.stack import Api, Route, Stack
from lambda_emulator.template import TemplateError, load_stack

TEMPLATES = Path(__file__).parents[1] / "unit" / "emulator" / "templates"
"""Templates that are files, because they are long or need others beside them."""

SAM = "Transform: AWS::Serverless-2016-10-31\n"

HEAD = (
    SAM
    + """
Globals:
  Function: {CodeUri: src, Handler: app.lambda_handler, Runtime: python3.11}
"""
)
"""A template's beginning, after which a function needs no more than its type."""

ONE = (
    SAM
    + """
Resources:
  Hello:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: src/
      Handler: app.lambda_handler
      Runtime: python3.12
"""
)
"""A template of one function, to which a test adds what it is about."""


def write(folder: Path, text: str, *, name: str = "template.yaml") -> Path:
    """Write a template with a folder ``src`` beside it, in which there is code."""
    (folder / "src").mkdir(exist_ok=True)
    (folder / "src" / "app.py").write_text("def lambda_handler(event, context):\n    return event\n")
    path = folder / name
    path.write_text(dedent(text))
    return path


def load(folder: Path, text: str, **options: Any) -> Stack:
    """The stack that a template comes to."""
    return load_stack(write(folder, text), **options)


def notes(stack: Stack) -> list[str]:
    """The stack's warnings."""
    return list(stack.warnings)


def routes(api: Api) -> dict[str, Route]:
    """The routes of an API by their keys."""
    return {route.key: route for route in api.routes}


def refused(folder: Path, text: str, **options: Any) -> TemplateError:
    """The error that a template is refused with."""
    path = write(folder, text)
    with pytest.raises(TemplateError) as caught:
        load_stack(path, **options)
    return caught.value


def line_of(text: str, part: str) -> int:
    """The line of a template's text that has ``part`` in it."""
    return next(number for number, line in enumerate(dedent(text).splitlines(), start=1) if part in line)
