"""Which function a call of the Lambda API means, and the error where it means none.

Mirrors ``FunctionName`` and ``Qualifier`` of the Lambda API Reference. What is in the template is found by any name
that it has here, so the pattern of AWS is looked at only when nothing was found.
"""

from __future__ import annotations

import re

from lambda_emulator.arn import Location
from lambda_emulator.invocation import FunctionNotFoundError, Invoker
from lambda_emulator.invoke_api.wire import (
    ApiError,
    Call,
    InvalidParameterValueError,
    ResourceNotFoundError,
    ValidationError,
)
from lambda_emulator.stack import Function, split_reference

_NAME = (
    r"(arn:(aws[a-zA-Z-]*)?:lambda:)?((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}:)?(\d{12}:)?(function:)?"
    r"([a-zA-Z0-9-_\.]+)(:(\$LATEST(\.PUBLISHED)?|[a-zA-Z0-9-_]+))?"
)
_ELSEWHERE = Location()
_QUALIFIER = r"(|[a-zA-Z0-9$_-]+)"


def called_function(invoker: Invoker, call: Call) -> tuple[Function, str | None]:
    """The function of a call's ``FunctionName``, and the qualifier given in it or beside it. Raises ApiError."""
    reference, given = call.parameters["FunctionName"], call.query.get("Qualifier") or None
    own = split_reference(reference)[1]
    if own and given and own != given:
        raise InvalidParameterValueError(
            "The derived qualifier from the function name does not match the specified qualifier."
        )
    try:
        return invoker.resolve(reference, given), own or given
    except FunctionNotFoundError:
        raise unknown_function(reference, given, location_of(invoker)) from None


def location_of(invoker: Invoker) -> Location:
    """Where its functions are."""
    return next((function.location for function in invoker.functions()), Location())


def unknown_function(reference: str, qualifier: str | None = None, location: Location = _ELSEWHERE) -> ApiError:
    """The error of a call for a function that does not exist: with the ARN that it would have, if it could have one."""
    for value, member, pattern in ((reference, "functionName", _NAME), (qualifier or "", "qualifier", _QUALIFIER)):
        if not re.fullmatch(pattern, value):
            return ValidationError(
                f"1 validation error detected: Value '{value}' at '{member}' failed to satisfy constraint: "
                f"Member must satisfy regular expression pattern: {pattern}"
            )
    return ResourceNotFoundError(f"Function not found: {qualified_arn(reference, qualifier, location)}")


def qualified_arn(reference: str, qualifier: str | None, location: Location) -> str:
    """The ARN that is meant, in the account and region of the reference where it has them."""
    name, own = split_reference(reference)
    arn = reference.removesuffix(f":{own}") if reference.startswith("arn:") else location.function_arn(name)
    return f"{arn}:{own or qualifier}" if own or qualifier else arn
