"""Authorizers: who may call a route, decided before the function is.

Each kind is an object with one coroutine, ``authorize``, that gives what goes into the event's
``requestContext.authorizer``, or raises ``NotAuthorizedError``.
"""

from lambda_emulator.http_api.authorizers.base import Authorizer, NotAuthorizedError
from lambda_emulator.http_api.authorizers.build import build_authorizers

__all__ = ["Authorizer", "NotAuthorizedError", "build_authorizers"]
