"""Errors as GraphQL tells them: ``extensions`` has a code, and what is wrong with each field.

{"message": …, "path": ["predict"], "extensions": {"code": "BAD_USER_INPUT", "violations":
    [{"field": "features.redshift", "message": …, "limit": "-0.1 ≤ redshift ≤ 20", "value": 99.0}]}}

Codes are the ones that Apollo Server made common.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Any

from graphql import GraphQLError, GraphQLSyntaxError
from objects import GRAPHQL_NAMES
from telemetry import logger

from stellar import Violation
from stellar.roles import Role
from stellar_service.model import NoModelError


class Code(StrEnum):
    """``extensions.code``."""

    BAD_REQUEST = "BAD_REQUEST"  # the HTTP request is not one of GraphQL
    SYNTAX = "GRAPHQL_PARSE_FAILED"
    VALIDATION = "GRAPHQL_VALIDATION_FAILED"  # the document or its variables do not fit the schema
    FORBIDDEN = "FORBIDDEN"  # the caller's role does not reach so far
    INPUT = "BAD_USER_INPUT"  # an object cannot be classified
    UNAVAILABLE = "SERVICE_UNAVAILABLE"
    INTERNAL = "INTERNAL_SERVER_ERROR"


class InvalidInputError(GraphQLError):
    """An object cannot be classified. ``place`` is where it is in the arguments, such as ``features[3]``."""

    def __init__(self, place: str, violations: Sequence[Violation]) -> None:
        found = [_content(place, violation) for violation in violations]
        super().__init__(
            "; ".join(f"{content['field']}: {content['message']}" for content in found),
            extensions={"code": Code.INPUT, "violations": found},
        )


class ForbiddenError(GraphQLError):
    """The caller's token does not have the role that the field needs."""

    def __init__(self, needed: Role) -> None:
        super().__init__(f"This needs the role {needed}.", extensions={"code": Code.FORBIDDEN})


def formatted(error: GraphQLError) -> dict[str, Any]:
    """The error as it is sent. A failure of ours is logged, and only that it was is sent."""
    content: dict[str, Any] = dict(error.formatted)
    if "code" not in content.get("extensions", {}):
        code = _code(error)
        content["extensions"] = {**content.get("extensions", {}), "code": code}
        if code is Code.INTERNAL:
            logger.error("unexpected failure", exc_info=error.original_error)
            content["message"] = "The failure was logged under this request's id."
    return content


def request_error(message: str) -> dict[str, Any]:
    """The error of a request that did not come to an execution."""
    return {"message": message, "extensions": {"code": Code.BAD_REQUEST}}


def _code(error: GraphQLError) -> Code:
    if isinstance(error, GraphQLSyntaxError):
        return Code.SYNTAX
    if error.original_error is None or isinstance(error.original_error, GraphQLError):
        return Code.VALIDATION
    if isinstance(error.original_error, NoModelError):
        return Code.UNAVAILABLE
    return Code.INTERNAL


def _content(place: str, violation: Violation) -> dict[str, Any]:
    name = GRAPHQL_NAMES.get(violation.field, violation.field)
    content: dict[str, Any] = {"field": f"{place}.{name}" if name else place, "message": violation.message}
    if violation.limit:
        content["limit"] = violation.limit.replace(violation.field, name)
    if isinstance(violation.value, int | float | str):
        content["value"] = violation.value
    return content
