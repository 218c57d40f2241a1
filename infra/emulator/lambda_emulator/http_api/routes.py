"""The routes of one API, and which of them a request takes.

Mirrors "Routing API requests" in the API Gateway Developer Guide (HTTP APIs): a full match first, then a greedy
path variable, then ``$default``; in each, the literal segment before the variable and the method before ``ANY``.
REST APIs differ in one thing here: slashes in front of the path and at its end say nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple

from lambda_emulator.stack import Api, Route

_VARIABLE = re.compile(r"\{([^{}+]+)(\+?)\}")


class Rank(IntEnum):
    """How well a route matched; the lower, the better."""

    FULL = 0
    GREEDY = 1
    DEFAULT = 2


class Match(NamedTuple):
    """The route that a request takes, and its path parameters (None where the path has no variable)."""

    route: Route
    parameters: dict[str, str] | None
    rank: Rank
    specificity: tuple[bool, list[int]] = (False, [])  # sorts the more specific path first, across APIs too


@dataclass(frozen=True, slots=True)
class _Template:
    """One path with variables, and its routes by method."""

    pattern: re.Pattern[str]
    names: tuple[str, ...]
    rank: Rank
    specificity: tuple[bool, list[int]]
    methods: dict[str, Route]


class RouteTable:
    """Finds the route of a method and path among one API's routes."""

    def __init__(self, api: Api) -> None:
        self._ignores_outer_slashes = api.kind == "rest"
        self._default: Route | None = None
        self._literal: dict[str, dict[str, Route]] = {}
        templates: dict[str, dict[str, Route]] = {}
        for route in api.routes:
            if route.path == "$default":
                self._default = route
                continue
            paths = templates if "{" in route.path else self._literal
            # A template may say one path and method twice; the first one counts, as in CloudFormation's order.
            paths.setdefault(self._normal(route.path), {}).setdefault(route.method.upper(), route)
        self._templates = [
            _Template(
                pattern=_pattern(path),
                names=tuple(name for name, _ in _VARIABLE.findall(path)),
                rank=Rank.GREEDY if path.endswith("+}") else Rank.FULL,
                specificity=_specificity(path),
                methods=methods,
            )
            for path, methods in sorted(templates.items(), key=lambda item: _specificity(item[0]))
        ]

    def find(self, method: str, path: str) -> Match | None:
        """The best route, or None. ``path`` has no stage prefix and no query."""
        path = self._normal(path)
        methods = self._literal.get(path)
        if methods is not None:
            route = methods.get(method) or methods.get("ANY")
            if route is not None:
                return Match(route, None, Rank.FULL)
        for template in self._templates:
            route = template.methods.get(method) or template.methods.get("ANY")
            if route is not None and (found := template.pattern.fullmatch(path)):
                parameters = dict(zip(template.names, found.groups(), strict=True))
                return Match(route, parameters, template.rank, template.specificity)
        return Match(self._default, None, Rank.DEFAULT) if self._default else None

    def _normal(self, path: str) -> str:
        return one_slash(path).rstrip("/") or "/" if self._ignores_outer_slashes else path


def one_slash(path: str) -> str:
    """The path with a single slash in front, as REST APIs see ``//path``."""
    return "/" + path.lstrip("/")


def _pattern(path: str) -> re.Pattern[str]:
    parts: list[str] = []
    end = 0
    for variable in _VARIABLE.finditer(path):
        parts.append(re.escape(path[end : variable.start()]))
        if not variable.group(2):
            parts.append("([^/]+)")
        else:
            # "/{proxy+}" leaves "/" alone, whereas "/pets/{proxy+}" takes "/pets/" too.
            parts.append("(.+)" if path.startswith("/{") else "(.*)")
        end = variable.end()
    parts.append(re.escape(path[end:]))
    return re.compile("".join(parts), re.DOTALL)


def _specificity(path: str) -> tuple[bool, list[int]]:
    """Sorts full matches before greedy ones, and literal segments before variables, from the left."""

    def weights(segments: Iterable[str]) -> list[int]:
        return [2 if segment.endswith("+}") else 1 if "{" in segment else 0 for segment in segments]

    return path.endswith("+}"), weights(path.split("/"))
