"""What a mapping template can refer to: ``$input``, ``$context``, ``$stageVariables`` and ``$util``.

Mirrors "Variables for data transformations for API Gateway" in the API Gateway Developer Guide.
"""

from __future__ import annotations

import base64
import json
from typing import Any
from urllib.parse import quote_plus, unquote_plus

from lambda_emulator.http_api import payload_v1
from lambda_emulator.http_api.exchange import Exchange
from lambda_emulator.http_api.mapping import json_path
from lambda_emulator.http_api.mapping.java_values import Table, java, plain

_ESCAPES = {'"': '\\"', "'": "\\'", "\\": "\\\\", "/": "\\/", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r"}


class Input:
    """``$input``: the body (of the request, or of what the function answered) and the request's parameters."""

    def __init__(self, body: str, exchange: Exchange) -> None:
        self.body = body
        self._exchange = exchange
        self._known: Any = self  # until the body is parsed

    def path(self, expression: str = "$") -> Any:
        """A part of the JSON body, with Java's methods. Nothing found is an empty text."""
        found = json_path.find(self._data(), expression)
        return "" if found is None else java(found)

    def json(self, expression: str = "$") -> str:
        """A part of the JSON body, as JSON."""
        found = json_path.find(self._data(), expression)
        return json.dumps("" if found is None else found, ensure_ascii=False, separators=(",", ":"))

    def params(self, name: str | None = None) -> Any:
        """One parameter of the request, looked for in path, query and headers; all of them where none is named."""
        sources = request_parameters(self._exchange)
        if name is None:
            return Table(sources)
        for place, values in sources.items():
            known = {key.lower(): value for key, value in values.items()} if place == "header" else values
            if (value := known.get(name.lower() if place == "header" else name)) is not None:
                return value
        return ""

    def _data(self) -> Any:
        if self._known is self:
            try:
                self._known = json.loads(self.body) if self.body.strip() else {}
            except ValueError:
                self._known = self.body
        return self._known


class Util:
    """``$util``."""

    def escapeJavaScript(self, text: Any) -> str:  # noqa: N802 - the name in templates
        return "".join(
            _ESCAPES.get(char) or (char if 32 <= ord(char) < 127 else _code_units(char)) for char in str(text)
        )

    def parseJson(self, text: str) -> Any:  # noqa: N802
        return java(json.loads(text))

    def toJson(self, value: Any) -> str:  # noqa: N802
        return json.dumps(plain(value), ensure_ascii=False, separators=(",", ":"))

    def urlEncode(self, text: Any) -> str:  # noqa: N802
        return quote_plus(str(text))

    def urlDecode(self, text: Any) -> str:  # noqa: N802
        return unquote_plus(str(text))

    def base64Encode(self, text: Any) -> str:  # noqa: N802
        return base64.b64encode(str(text).encode()).decode()

    def base64Decode(self, text: Any) -> str:  # noqa: N802
        return base64.b64decode(str(text)).decode(errors="replace")


def _code_units(char: str) -> str:
    units = char.encode("utf-16-be", errors="surrogatepass")
    return "".join(f"\\u{units[at]:02X}{units[at + 1]:02X}" for at in range(0, len(units), 2))


def request_parameters(exchange: Exchange) -> dict[str, Table]:
    """The request's parameters by place: ``path``, ``querystring``, ``header``."""
    event = payload_v1.envelope(exchange)
    return {
        "path": Table(event["pathParameters"] or {}),
        "querystring": Table(event["queryStringParameters"] or {}),
        "header": Table(event["headers"]),
    }


def template_variables(exchange: Exchange, body: str) -> dict[str, Any]:
    """The variables of one rendering. ``$context.responseOverride`` and ``requestOverride`` may be written to."""
    context = java(payload_v1.request_context(exchange))
    context["responseOverride"] = Table(header=Table())
    context["requestOverride"] = Table(header=Table(), path=Table(), querystring=Table())
    return {
        "input": Input(body, exchange),
        "context": context,
        "stageVariables": java(dict(exchange.api.stage_variables)),
        "util": Util(),
    }
