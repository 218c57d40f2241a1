"""Velocity templates, rendered by airspeed as API Gateway renders them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from lambda_emulator.http_api.mapping.java_values import STRING_METHODS


class TemplateFailedError(ValueError):
    """A mapping template that cannot be read, or that fails in use; the text says why."""


def check(text: str) -> None:
    """Raises TemplateFailedError for a template that cannot be read."""
    if _is_plain(text):
        return
    _compiled(text)


def render(text: str, variables: Mapping[str, Any]) -> str:
    """The template with its variables filled in. Raises TemplateFailedError."""
    if _is_plain(text):
        return text
    template = _compiled(text)
    try:
        rendered: str = template.merge(dict(variables))
    except Exception as error:  # whatever an author's expressions come to
        raise TemplateFailedError(str(error)) from None
    return rendered


def _is_plain(text: str) -> bool:
    return "$" not in text and "#" not in text


@lru_cache(maxsize=256)
def _compiled(text: str) -> Any:
    # Imported here: few templates have expressions.
    import airspeed

    airspeed.__additional_methods__[str] = STRING_METHODS
    template = airspeed.Template(text)
    try:
        template.ensure_compiled()
    except (airspeed.TemplateError, RecursionError) as error:
        raise TemplateFailedError(str(error)) from None
    for element in _elements(template.root_element):
        if isinstance(element, airspeed.FormalReference):
            element.silent = "!"  # in API Gateway, what has no value is written as nothing
    return template


def _elements(root: Any) -> Iterator[Any]:
    waiting = [root]
    seen: set[int] = set()
    while waiting:
        item = waiting.pop()
        if isinstance(item, str | int | float) or id(item) in seen:
            continue
        seen.add(id(item))
        if isinstance(item, list | tuple):
            waiting += item
        elif isinstance(item, dict):
            waiting += [*item.keys(), *item.values()]
        elif type(item).__module__ == "airspeed":
            yield item
            waiting += vars(item).values()
