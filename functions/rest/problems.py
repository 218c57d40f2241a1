"""Every error of this API as problem details. Mirrors RFC 9457, "Problem Details for HTTP APIs"."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

import orjson
from fastapi import FastAPI, Request, Response
from starlette.exceptions import HTTPException
from telemetry import logger

from stellar import Violation

MEDIA_TYPE = "application/problem+json"


class ProblemError(Exception):
    """A request that is answered with an error. ``violations`` tell what is wrong with each field."""

    def __init__(self, status: int, title: str, detail: str, violations: Sequence[dict[str, Any]] = ()) -> None:
        super().__init__(detail)
        self.status = status
        self.title = title
        self.detail = detail
        self.violations = violations


def invalid(violations: Sequence[dict[str, Any]]) -> ProblemError:
    """422: the request was read, and something in it is wrong."""
    number = len(violations)
    detail = f"{violations[0]['field']}: {violations[0]['message']}" if number == 1 else f"{number} fields are wrong."
    return ProblemError(HTTPStatus.UNPROCESSABLE_ENTITY, "The object cannot be classified", detail, violations)


def violation(path: str, found: Violation) -> dict[str, Any]:
    """One violation as it is sent: ``field`` is the path from the body's root, such as ``features.redshift``."""
    field = f"{path}.{found.field}" if found.field else path
    content: dict[str, Any] = {"field": field, "message": found.message}
    if found.limit:
        content["limit"] = found.limit
    if isinstance(found.value, (int, float, str)):
        content["value"] = found.value
    return content


def problem_response(
    request: Request, status: int, title: str, detail: str, violations: Sequence[dict[str, Any]] = ()
) -> Response:
    """The error as a response."""
    content: dict[str, Any] = {
        "type": "about:blank",
        "title": title,
        "status": status,
        "detail": detail,
        "instance": request.url.path,
    }
    if violations:
        content["errors"] = list(violations)
    # Numbers that JSON cannot hold (NaN, integers beyond 64 bits) come back as text.
    return Response(orjson.dumps(content, default=str), status, media_type=MEDIA_TYPE)


async def _on_problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, ProblemError)
    return problem_response(request, error.status, error.title, error.detail, error.violations)


async def _on_http_error(request: Request, error: Exception) -> Response:
    """404 and 405, which the router raises."""
    assert isinstance(error, HTTPException)
    status = HTTPStatus(error.status_code)
    detail = f"{request.method} {request.url.path} is not a call of this API; see /docs."
    response = problem_response(request, status, status.phrase, detail)
    response.headers.update(error.headers or {})
    return response


async def _on_failure(request: Request, error: Exception) -> Response:
    """Our fault: the log has the stack trace, the client does not."""
    logger.error("unexpected failure", exc_info=error)
    detail = "The failure was logged under this request's id."
    return problem_response(request, 500, "Internal Server Error", detail)


def install_handlers(app: FastAPI) -> None:
    """Give every error of the application the one shape."""
    app.add_exception_handler(ProblemError, _on_problem)
    app.add_exception_handler(HTTPException, _on_http_error)
    app.add_exception_handler(Exception, _on_failure)
