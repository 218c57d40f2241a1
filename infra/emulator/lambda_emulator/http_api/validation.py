"""Refuses requests that do not fit what a method of a REST API asks of them, before its function is called.

Mirrors "Request validation for REST APIs in API Gateway": parameters are there and not blank, the body fits the model
of its content type. A body of a type without a model is not looked at, unless ``$default`` has one.
"""

from __future__ import annotations

import logging
from typing import Any

import orjson

from lambda_emulator.asgi import Reply
from lambda_emulator.http_api.authorizers.base import identity_value
from lambda_emulator.http_api.exchange import Exchange
from lambda_emulator.http_api.gateway_responses import GatewayResponse, gateway_reply
from lambda_emulator.stack import RequestValidation

_LOG = logging.getLogger(__name__)


class Validator:
    """Validates the requests of one method."""

    def __init__(self, rules: RequestValidation) -> None:
        self._parameters = rules.parameters
        self._models = {media_type.lower(): _schema(model) for media_type, model in rules.models.items()}

    def refusal(self, exchange: Exchange) -> Reply | None:
        """What a client is told whose request does not fit; None for one that does."""
        if missing := [name for name in self._parameters if not _value(name, exchange)]:
            names = ", ".join(name.rpartition(".")[2] for name in missing)
            text = f"Missing required request parameters: [{names}]"
            return gateway_reply(exchange.api.kind, GatewayResponse.BAD_PARAMETERS, text=text)
        media_type = exchange.request.content_type or "application/json"
        schema = self._models.get(media_type, self._models.get("$default"))
        if schema is not None and (reason := _misfit(schema, exchange.request.body)):
            _LOG.info("%s: the body is refused: %s", exchange.route.key, reason)
            return gateway_reply(exchange.api.kind, GatewayResponse.BAD_BODY)
        return None


def _value(parameter: str, exchange: Exchange) -> str | None:
    place, _, name = parameter.removeprefix("method.request.").partition(".")
    if place == "path":
        return (exchange.parameters or {}).get(name)
    if place == "multivalueheader" or place == "multivaluequerystring":
        place = place.removeprefix("multivalue")
    return identity_value(f"method.request.{place}.{name}", exchange)


def _schema(model: Any) -> Any:
    # Imported here: most stacks have no models, and it takes a while.
    from jsonschema import Draft4Validator

    return Draft4Validator(model)


def _misfit(schema: Any, body: bytes) -> str | None:
    """Why the body does not fit; None where it does."""
    try:
        content = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        return f"not JSON: {error}"
    misfit = next(schema.iter_errors(content), None)
    return None if misfit is None else f"{misfit.json_path}: {misfit.message}"
