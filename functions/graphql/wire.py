"""HTTP API events as GraphQL requests. Mirrors "GraphQL over HTTP" (GraphQL Foundation, draft)."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl

import orjson

JSON = "application/json"
GRAPHQL_JSON = "application/graphql-response+json"
HTML = "text/html"

PATH = "/graphql"


class RequestError(Exception):
    """The HTTP request is not one of GraphQL."""

    def __init__(self, status: HTTPStatus, message: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.headers = headers or {}


@dataclass(frozen=True, slots=True)
class Call:
    """A document to be executed. By GET it may only be a query."""

    document: str
    variables: dict[str, Any] | None
    operation: str | None
    read_only: bool


@dataclass(frozen=True, slots=True)
class Exchange:
    """One HTTP request."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]  # by lower-case name
    body: bytes
    scopes: frozenset[str] | None  # of the caller's token; None where the API asks for none

    @classmethod
    def of(cls, event: dict[str, Any]) -> Exchange:
        """The request of an HTTP API event (payload format 2.0), or of a REST API's (1.0)."""
        http = event.get("requestContext", {}).get("http")
        body = event.get("body") or ""
        return cls(
            method=(http or event).get("method") or event.get("httpMethod") or "GET",
            path=event.get("rawPath") or event.get("path") or PATH,
            query=_query(event),
            headers={name.lower(): value for name, value in (event.get("headers") or {}).items()},
            body=base64.b64decode(body) if event.get("isBase64Encoded") else body.encode(),
            scopes=_scopes(event),
        )

    @property
    def base_url(self) -> str:
        """Where the API was reached: all of the address before ``/graphql``."""
        scheme = self.headers.get("x-forwarded-proto", "http")
        prefix = self.path.rstrip("/").removesuffix(PATH)
        return f"{scheme}://{self.headers.get('host', 'localhost')}{prefix}"

    @property
    def wants_page(self) -> bool:
        """Whether it is a browser that comes to look."""
        return self.method == "GET" and "query" not in self.query and HTML in self.headers.get("accept", "")

    @property
    def media_type(self) -> str:
        """How the answer is to be told: the newer type only to those who ask for it."""
        return GRAPHQL_JSON if GRAPHQL_JSON in self.headers.get("accept", "") else JSON

    def call(self) -> Call:
        """What is to be executed. Raises RequestError."""
        if self.method == "GET":
            parameters: dict[str, Any] = {name: value for name, value in self.query.items() if value}
            if "variables" in parameters:
                parameters["variables"] = _json(parameters["variables"].encode(), "The parameter variables")
        elif self.method == "POST":
            parameters = self._posted()
        else:
            raise RequestError(HTTPStatus.METHOD_NOT_ALLOWED, "Send GET or POST.", {"allow": "GET, POST"})
        document, variables, operation = map(parameters.get, ("query", "variables", "operationName"))
        if not isinstance(document, str) or not document:
            raise RequestError(HTTPStatus.BAD_REQUEST, "`query` is missing: the text of a GraphQL document.")
        if not isinstance(variables, dict | None):
            raise RequestError(HTTPStatus.BAD_REQUEST, "`variables` is not an object.")
        if not isinstance(operation, str | None):
            raise RequestError(HTTPStatus.BAD_REQUEST, "`operationName` is not a string.")
        return Call(document, variables, operation or None, read_only=self.method == "GET")

    def _posted(self) -> dict[str, Any]:
        media_type = self.headers.get("content-type", JSON).partition(";")[0].strip().lower()
        if media_type != JSON:
            raise RequestError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"Send {JSON}, not {media_type[:80]}.")
        coding = self.headers.get("content-encoding", "identity").strip().lower()
        if coding != "identity":
            text = f"Send the body without Content-Encoding, not as {coding[:80]}."
            raise RequestError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, text, {"accept-encoding": "identity"})
        body = _json(self.body, "The body")
        if not isinstance(body, dict):
            raise RequestError(HTTPStatus.BAD_REQUEST, 'The body is not an object: {"query": …, "variables": …}.')
        return body


def response(status: HTTPStatus, content: bytes, media_type: str, headers: dict[str, str]) -> dict[str, Any]:
    """What the handler gives back to the API."""
    return {
        "statusCode": int(status),
        "headers": {"content-type": f"{media_type}; charset=utf-8", **headers},
        "body": content.decode(),
        "isBase64Encoded": False,
    }


def _scopes(event: dict[str, Any]) -> frozenset[str] | None:
    """What the API's JWT authorizer says that the caller was granted: text, in which a list is ``[a b]``."""
    authorizer = event.get("requestContext", {}).get("authorizer")
    if authorizer is None:
        return None
    claims = (authorizer.get("jwt") or authorizer).get("claims") or {}
    return frozenset(str(claims.get("scope", claims.get("scp", ""))).strip("[]").split())


def _query(event: dict[str, Any]) -> dict[str, str]:
    # The decoded parameters of payload 2.0 have repeated ones joined by commas: a document has commas of its own.
    if "rawQueryString" in event:
        return dict(parse_qsl(event["rawQueryString"], keep_blank_values=True))
    return event.get("queryStringParameters") or {}


def _json(content: bytes, what: str) -> Any:
    try:
        return orjson.loads(content)
    except orjson.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise RequestError(HTTPStatus.BAD_REQUEST, f"{what} is not JSON: {error.msg} ({where}).") from None
