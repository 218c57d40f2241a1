"""Reading the JSON body of a request: once, with orjson, and with no model in between."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import orjson
from fastapi import Request
from problems import ProblemError, invalid, violation

from stellar import Violation


async def content(request: Request) -> Any:
    """The body's JSON. Raises ProblemError: 415 or 400."""
    media_type = request.headers.get("content-type", "application/json").partition(";")[0].strip().lower()
    if media_type != "application/json" and not media_type.endswith("+json"):
        detail = f"The body's content-type is {media_type[:64]!r}; application/json is expected."
        raise ProblemError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, detail)
    coding = request.headers.get("content-encoding", "identity").strip().lower()
    if coding != "identity":
        detail = f"The body's content-encoding is {coding[:64]!r}; send it without one."
        raise ProblemError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, detail, headers={"accept-encoding": "identity"})
    try:
        return orjson.loads(await request.body())
    except orjson.JSONDecodeError as error:
        detail = f"The body is not JSON: {error.msg} (line {error.lineno}, column {error.colno})"
        raise ProblemError(HTTPStatus.BAD_REQUEST, detail) from None


async def member(request: Request, name: str) -> Any:
    """One member of the JSON object in the body. Raises ProblemError: 415, 400 or 422."""
    body = await content(request)
    if not isinstance(body, dict) or name not in body:
        raise invalid([violation(name, Violation("", f'Field required: the body is {{"{name}": …}}'))])
    return body[name]
