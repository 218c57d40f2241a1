"""Several APIs on one port, and which of them a request is for.

On AWS each API has a host name of its own and the stage is the first segment of the path. Here all of them share
one port, as in ``sam local start-api``, and a path may be written in two ways:

- ``/hello``: no stage, as if through a custom domain that maps to the API's only stage;
- ``/Prod/hello``: with the stage, as in the API's own invoke URL.

A full match without a stage wins over one with it, and that wins over ``{proxy+}`` and ``$default`` routes, which
would swallow every stage prefix. Among APIs the more specific path decides, then their order. A function URL answers
under ``/lambda-url/<function's logical id>/``, and at the root too where it is the only API.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from lambda_emulator.http_api.routes import Match, Rank, RouteTable, one_slash
from lambda_emulator.stack import Api

FUNCTION_URL_PREFIX = "/lambda-url"


class Mount(NamedTuple):
    """One API and where it is found."""

    api: Api
    table: RouteTable
    prefix: str  # "/Prod", "/lambda-url/Hello" or ""
    at_root: bool


class Located(NamedTuple):
    """The API and route that a request is for.

    ``prefix`` is the part of the path before the route: the stage as the client wrote it, or empty.
    """

    mount: Mount
    match: Match
    prefix: str


class Directory:
    """Every API that one port serves."""

    def __init__(self, apis: Sequence[Api]) -> None:
        self.mounts = [
            Mount(api, RouteTable(api), _prefix(api), api.kind != "function_url" or len(apis) == 1) for api in apis
        ]
        self._default_style = next((api for api in apis if api.kind == "http"), None) or next(iter(apis), None)

    def locate(self, method: str, path: str, raw_path: str) -> Located | None:
        """Where a request goes, or None. ``path`` is percent-decoded, ``raw_path`` as the client sent it."""
        best: Located | None = None
        for mount in self.mounts:
            match = mount.table.find(method, _seen(mount.api, path, raw_path)) if mount.at_root else None
            if match is not None and (best is None or _order(match) < _order(best.match)):
                best = Located(mount, match, "")
        if best is not None and best.match.rank is Rank.FULL:
            return best
        for mount in self.mounts:
            rest = _without_prefix(mount.prefix, _seen(mount.api, path, raw_path))
            if rest is not None and (match := mount.table.find(method, rest)):
                return Located(mount, match, mount.prefix)
        return best

    def refusing_api(self, path: str) -> Api | None:
        """The API in whose style a request without a route is refused; None where there is no API at all."""
        for mount in self.mounts:
            if _without_prefix(mount.prefix, path) is not None:
                return mount.api
        return self._default_style


def _order(match: Match) -> tuple[Rank, tuple[bool, list[int]]]:
    """Sorts the more specific match first."""
    return match.rank, match.specificity


def _seen(api: Api, path: str, raw_path: str) -> str:
    # HTTP APIs decode the path before anything else; REST APIs and function URLs never do.
    if api.kind == "http":
        return path
    return one_slash(raw_path) if api.kind == "rest" else raw_path


def _prefix(api: Api) -> str:
    if api.kind == "function_url":
        return f"{FUNCTION_URL_PREFIX}/{api.routes[0].function}" if api.routes else ""
    return "" if api.stage == "$default" else f"/{api.stage}"


def _without_prefix(prefix: str, path: str) -> str | None:
    if not prefix or not path.startswith(prefix):
        return None
    rest = path[len(prefix) :]
    return rest or "/" if not rest or rest.startswith("/") else None
