"""The IAM policy that a Lambda authorizer answers with, for the one action that matters to an API.

Mirrors "Output from an API Gateway Lambda authorizer". Conditions are not evaluated: a statement with one counts as
if it were met.
"""

from __future__ import annotations

import re
from enum import Enum, auto
from typing import Any

ACTION = "execute-api:Invoke"


class Decision(Enum):
    """What a policy says of a method: an explicit deny beats any allow, and silence is a deny."""

    ALLOW = auto()
    IMPLICIT_DENY = auto()
    EXPLICIT_DENY = auto()


def evaluate(answer: dict[str, Any], arn: str) -> Decision:
    """What an authorizer's answer says of the method with that ARN.

    Raises ValueError where the answer has no principal or no readable policy.
    """
    if not isinstance(answer.get("principalId"), str):
        raise ValueError("the answer has no principalId")
    document = answer.get("policyDocument")
    statements = document.get("Statement") if isinstance(document, dict) else None
    if isinstance(statements, dict):
        statements = [statements]
    if not isinstance(statements, list) or not statements:
        raise ValueError("the answer has no policyDocument with a Statement")
    decision = Decision.IMPLICIT_DENY
    for statement in statements:
        if not isinstance(statement, dict) or statement.get("Effect") not in ("Allow", "Deny"):
            raise ValueError("a statement's Effect must be Allow or Deny")
        if not (_any_matches(statement.get("Action"), ACTION) and _any_matches(statement.get("Resource"), arn)):
            continue
        if statement["Effect"] == "Deny":
            return Decision.EXPLICIT_DENY
        decision = Decision.ALLOW
    return decision


def _any_matches(patterns: object, value: str) -> bool:
    if isinstance(patterns, str):
        patterns = [patterns]
    if not isinstance(patterns, list) or not all(isinstance(pattern, str) for pattern in patterns):
        raise ValueError("a statement's Action and Resource must be a string or a list of strings")
    return any(matches(pattern, value) for pattern in patterns)


def matches(pattern: str, value: str) -> bool:
    """IAM's wildcards: ``*`` for any text, slashes included, and ``?`` for one character."""
    expression = "".join(".*" if char == "*" else "." if char == "?" else re.escape(char) for char in pattern)
    return re.fullmatch(expression, value, re.IGNORECASE | re.DOTALL) is not None
