"""Lambda authorizers: a function decides.

Mirrors "Controlling access to HTTP APIs with AWS Lambda authorizers" and "Use API Gateway Lambda authorizers" (REST
APIs): the three events (TOKEN, REQUEST 1.0, REQUEST 2.0), both kinds of answer, and the cache of answers.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Mapping
from typing import Any

import orjson

from lambda_emulator.http_api import payload_v1, payload_v2
from lambda_emulator.http_api.authorizers.base import NotAuthorizedError, identity_value
from lambda_emulator.http_api.authorizers.policy import Decision, evaluate
from lambda_emulator.http_api.exchange import Exchange
from lambda_emulator.http_api.gateway_responses import GatewayResponse
from lambda_emulator.invocation import FunctionNotFoundError, Invoker, ServiceClosedError, TooManyRequestsError
from lambda_emulator.stack import LambdaAuthorizer

_LOG = logging.getLogger(__name__)
_CACHE_SIZE = 1_000


class LambdaFunctionAuthorizer:
    """Asks the authorizer's function, and remembers its answer for as long as the template says."""

    def __init__(self, definition: LambdaAuthorizer, invoker: Invoker) -> None:
        self._definition = definition
        self._invoker = invoker
        self._answers: dict[tuple[str, ...], tuple[float, dict[str, Any]]] = {}

    async def authorize(self, exchange: Exchange) -> Mapping[str, Any]:
        definition = self._definition
        values = [identity_value(source, exchange) for source in definition.identity_sources]
        present = [value for value in values if value is not None]
        if len(present) < len(values):
            raise NotAuthorizedError(GatewayResponse.UNAUTHORIZED, f"{definition.name}: an identity source is missing")
        # That the expression need not reach to the token's end is sam local's reading of it; AWS does not say.
        if definition.validation_expression and not re.match(
            definition.validation_expression, _token(exchange, present)
        ):
            raise NotAuthorizedError(
                GatewayResponse.UNAUTHORIZED, f"{definition.name}: the token does not look like one"
            )
        return self._identity(await self._answer(exchange, present), exchange)

    async def _answer(self, exchange: Exchange, values: list[str]) -> dict[str, Any]:
        lifetime = self._definition.result_ttl_seconds
        key = tuple(values)
        cached = self._answers.get(key) if lifetime and key else None
        if cached and cached[0] > time.monotonic():
            return cached[1]
        answer = await self._ask(exchange, values)
        if lifetime and key:
            if len(self._answers) >= _CACHE_SIZE:
                self._answers.clear()
            self._answers[key] = (time.monotonic() + lifetime, answer)
        return answer

    async def _ask(self, exchange: Exchange, values: list[str]) -> dict[str, Any]:
        definition = self._definition
        try:
            result = await self._invoker.invoke(definition.function, self._event(exchange, values))
        except (FunctionNotFoundError, TooManyRequestsError, ServiceClosedError) as error:
            raise self._failed(repr(error)) from error
        answer = orjson.loads(result.payload)
        if result.function_error:
            # 'raise Exception("Unauthorized")' is how a REST API's authorizer asks for a 401.
            message = answer.get("errorMessage") if isinstance(answer, dict) else None
            if exchange.api.kind == "rest" and message == "Unauthorized":
                raise NotAuthorizedError(GatewayResponse.UNAUTHORIZED, f"{definition.name}: Unauthorized")
            raise self._failed(f"the function failed: {message}")
        if not isinstance(answer, dict):
            raise self._failed(f"the answer must be an object, not {type(answer).__name__}")
        return answer

    def _event(self, exchange: Exchange, values: list[str]) -> bytes:
        if self._definition.kind == "TOKEN":
            token = _token(exchange, values)
            return orjson.dumps({"type": "TOKEN", "authorizationToken": token, "methodArn": exchange.arn})
        if self._definition.payload_format == "2.0" and exchange.api.kind != "rest":
            return payload_v2.authorizer_event(exchange, values)
        return payload_v1.authorizer_event(exchange, values)

    def _identity(self, answer: dict[str, Any], exchange: Exchange) -> Mapping[str, Any]:
        definition = self._definition
        context = answer.get("context") or {}
        if not isinstance(context, dict):
            raise self._failed("context must be an object")
        if definition.simple_responses and definition.payload_format == "2.0":
            allowed = answer.get("isAuthorized")
            if not isinstance(allowed, bool):
                raise self._failed("isAuthorized must be true or false")
            if not allowed:
                raise NotAuthorizedError(GatewayResponse.FORBIDDEN, f"{definition.name}: not authorized")
        else:
            try:
                decision = evaluate(answer, exchange.arn)
            except ValueError as error:
                raise self._failed(str(error)) from None
            if decision is not Decision.ALLOW:
                denied = decision is Decision.EXPLICIT_DENY
                response = GatewayResponse.EXPLICIT_DENY if denied else GatewayResponse.FORBIDDEN
                raise NotAuthorizedError(response, f"{definition.name}: the policy does not allow {exchange.arn}")
        if exchange.api.kind == "http" and exchange.route.payload_format == "2.0":
            return {"lambda": context}
        if exchange.api.kind == "rest":
            context = self._as_text(context)
        return {"principalId": answer.get("principalId"), "integrationLatency": 0, **context}

    def _as_text(self, context: dict[str, Any]) -> dict[str, str | None]:
        """The context of a REST API: texts, numbers and booleans alone, and all of them passed on as text."""
        if any(isinstance(value, dict | list) for value in context.values()):
            raise self._failed("the values of a context must be strings, numbers or booleans")
        return {
            name: value if isinstance(value, str | None) else orjson.dumps(value).decode()
            for name, value in context.items()
        }

    def _failed(self, reason: str) -> NotAuthorizedError:
        _LOG.error("Authorizer %s: %s", self._definition.name, reason)
        return NotAuthorizedError(GatewayResponse.AUTHORIZER_FAILED, reason)


def _token(exchange: Exchange, values: list[str]) -> str:
    """What a TOKEN authorizer is asked about."""
    return values[0] if values else exchange.request.headers.get("authorization", "")
