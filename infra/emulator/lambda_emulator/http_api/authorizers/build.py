"""Makes an API's authorizers from what the template says of them."""

from __future__ import annotations

from lambda_emulator.http_api.authorizers.base import Authorizer
from lambda_emulator.http_api.authorizers.lambda_function import LambdaFunctionAuthorizer
from lambda_emulator.invocation import Invoker
from lambda_emulator.stack import Api, JwtAuthorizer, LambdaAuthorizer


def build_authorizers(api: Api, invoker: Invoker) -> dict[str, Authorizer]:
    """Every authorizer of the API, by name."""
    return {definition.name: _authorizer(definition, invoker) for definition in api.authorizers}


def _authorizer(definition: JwtAuthorizer | LambdaAuthorizer, invoker: Invoker) -> Authorizer:
    if isinstance(definition, JwtAuthorizer):
        from lambda_emulator.http_api.authorizers.jwt import JwtVerifier  # the library is slow to import

        return JwtVerifier(definition)
    return LambdaFunctionAuthorizer(definition, invoker)
