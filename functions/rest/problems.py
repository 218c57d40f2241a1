"""Every error of this API as problem details. Mirrors RFC 9457, "Problem Details for HTTP APIs"."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import orjson
from fastapi import FastAPI, Request, Response
from starlette.exceptions import HTTPException
from telemetry import logger

from stellar import RowError, Violation
from stellar_service.model import NoModelError

MEDIA_TYPE = "application/problem+json"

MAX_VIOLATIONS = 10_000
"""How many violations an answer spells out: ten thousand empty rows have 150,000, and Lambda's answers end at 6 MB."""

_MAX_ECHO = 64
"""Characters of a wrong text that are sent back."""


class ProblemError(Exception):
    """A request that is answered with an error. ``violations`` tell what is wrong with each field."""

    def __init__(
        self,
        status: int,
        detail: str,
        violations: Sequence[dict[str, Any]] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = HTTPStatus(status)
        self.detail = detail
        self.violations = violations
        self.headers = headers or {}


def invalid(violations: Sequence[dict[str, Any]]) -> ProblemError:
    """422: the request was read, and something in it is wrong."""
    number = len(violations)
    if number == 1:
        detail = f"{violations[0]['field']}: {violations[0]['message']}"
    elif number <= MAX_VIOLATIONS:
        detail = f"{number:,} fields are wrong."
    else:
        detail = f"{number:,} fields are wrong; the first {MAX_VIOLATIONS:,} are listed."
    return ProblemError(HTTPStatus.UNPROCESSABLE_ENTITY, detail, violations[:MAX_VIOLATIONS])


def violation(path: str, found: Violation) -> dict[str, Any]:
    """One violation as it is sent: ``field`` is the path from the body's root, such as ``features.redshift``."""
    field = ".".join(part for part in (path, found.field) if part) or "body"
    content: dict[str, Any] = {"field": field, "message": found.message}
    if found.limit:
        content["limit"] = found.limit
    if isinstance(found.value, str):
        content["value"] = found.value if len(found.value) <= _MAX_ECHO else f"{found.value[:_MAX_ECHO]}…"
    elif isinstance(found.value, (int, float)):
        content["value"] = found.value
    return content


def row_problems(errors: Sequence[RowError]) -> list[dict[str, Any]]:
    """What is wrong with each row of a batch, whose other rows are answered.

    Where more is wrong than an answer can hold, each row tells its first violations, and ``omitted`` counts the rest.
    """
    most = max(1, MAX_VIOLATIONS // max(1, len(errors)))
    problems = []
    for error in errors:
        told = [violation(f"instances[{error.index}]", found) for found in error.violations[:most]]
        problem: dict[str, Any] = {"index": error.index, "violations": told}
        if omitted := len(error.violations) - len(told):
            problem["omitted"] = omitted
        problems.append(problem)
    return problems


def problem_response(
    request: Request, status: HTTPStatus, detail: str, violations: Sequence[dict[str, Any]] = ()
) -> Response:
    """The error as a response."""
    content: dict[str, Any] = {
        "type": "about:blank",
        "title": status.phrase,
        "status": status,
        "detail": detail,
        "instance": request.url.path,
    }
    if violations:
        content["errors"] = list(violations)
    return Response(orjson.dumps(content), status, media_type=MEDIA_TYPE)


async def _on_problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, ProblemError)
    response = problem_response(request, error.status, error.detail, error.violations)
    response.headers.update(error.headers)
    return response


async def _on_no_model(request: Request, error: Exception) -> Response:
    return problem_response(request, HTTPStatus.SERVICE_UNAVAILABLE, str(error))


async def _on_http_error(request: Request, error: Exception) -> Response:
    """404 and 405, which the router raises."""
    assert isinstance(error, HTTPException)
    detail = f"{request.method} {request.url.path} is not a call of this API; see /docs."
    response = problem_response(request, HTTPStatus(error.status_code), detail)
    response.headers.update(error.headers or {})
    return response


async def _on_failure(request: Request, error: Exception) -> Response:
    """Our fault: the log has the stack trace, the client does not."""
    logger.error("unexpected failure", exc_info=error)
    return problem_response(
        request, HTTPStatus.INTERNAL_SERVER_ERROR, "The failure was logged under this request's id."
    )


def install_handlers(app: FastAPI) -> None:
    """Give every error of the application the one shape."""
    app.add_exception_handler(ProblemError, _on_problem)
    app.add_exception_handler(NoModelError, _on_no_model)
    app.add_exception_handler(HTTPException, _on_http_error)
    app.add_exception_handler(Exception, _on_failure)
