"""The Lambda API's calls for event source mappings, as a ``Router`` beside those of ``invoke_api``.

Mirrors CreateEventSourceMapping, GetEventSourceMapping, ListEventSourceMappings, UpdateEventSourceMapping and
DeleteEventSourceMapping of the Lambda API Reference.
"""

from __future__ import annotations

import base64
from typing import Any

import orjson

from lambda_emulator.asgi import Reply, json_reply
from lambda_emulator.event_source.api.describe import configuration
from lambda_emulator.event_source.service import (
    EventSourceService,
    FunctionUnknownError,
    MappingConflictError,
    MappingInUseError,
    MappingNotFoundError,
    Mappings,
)
from lambda_emulator.event_source.values import InvalidMappingError
from lambda_emulator.invoke_api.mappings import PATH
from lambda_emulator.invoke_api.references import unknown_function
from lambda_emulator.invoke_api.router import Handler, Router
from lambda_emulator.invoke_api.wire import (
    ApiError,
    Call,
    InvalidParameterValueError,
    InvalidRequestContentError,
    ResourceNotFoundError,
    ValidationError,
    require_json,
)

_PAGE = 100


class ResourceConflictError(ApiError):
    """The mapping is there already."""

    code, status, fault, message_key = "ResourceConflictException", 409, "User", "message"


class ResourceInUseError(ApiError):
    """The mapping is between two states, and takes no change until it has reached the next."""

    code, status, fault = "ResourceInUseException", 400, "User"


def create_router(service: EventSourceService) -> Router:
    """The operations over one service. ``lambda_emulator.invoke_api.LambdaApi.mount`` takes it."""
    calls = _Calls(service)
    router = Router()
    router.add("POST", PATH, _translating(calls.create))
    router.add("GET", PATH, _translating(calls.page))
    router.add("GET", f"{PATH}/{{UUID}}", _translating(calls.get))
    router.add("PUT", f"{PATH}/{{UUID}}", _translating(calls.update))
    router.add("DELETE", f"{PATH}/{{UUID}}", _translating(calls.delete))
    return router


class _Calls:
    """The handlers."""

    def __init__(self, service: EventSourceService) -> None:
        self._service = service

    async def create(self, call: Call) -> Reply:
        content = _content(call)
        name = content.pop("FunctionName", None)
        if not name:
            raise ValidationError(
                "1 validation error detected: Value null at 'functionName' failed to satisfy constraint: "
                "Member must not be null"
            )
        return json_reply(202, configuration(self._service.create(str(name), content)))

    async def get(self, call: Call) -> Reply:
        return json_reply(200, configuration(self._service.get(call.parameters["UUID"])))

    async def page(self, call: Call) -> Reply:
        chosen = self._chosen(call.query.get("FunctionName"), call.query.get("EventSourceArn"))
        try:
            start = int(base64.b64decode(call.query.get("Marker", ""), validate=True) or 0)
            size = min(_PAGE, int(call.query.get("MaxItems", _PAGE)))
        except ValueError:
            raise InvalidParameterValueError("Marker or MaxItems is not valid.") from None
        shown = chosen[start : start + size]
        content: dict[str, Any] = {"EventSourceMappings": [configuration(mapping) for mapping in shown]}
        if start + size < len(chosen):
            content["NextMarker"] = base64.b64encode(str(start + size).encode()).decode()
        return json_reply(200, content)

    async def update(self, call: Call) -> Reply:
        content = _content(call)
        name = content.pop("FunctionName", None)
        content.pop("UUID", None)
        return json_reply(202, configuration(self._service.update(call.parameters["UUID"], name, content)))

    async def delete(self, call: Call) -> Reply:
        return json_reply(202, configuration(self._service.delete(call.parameters["UUID"])))

    def _chosen(self, function: str | None, source: str | None) -> list[Mappings]:
        mappings = list(self._service.mappings.values())
        if function:
            target = self._service.target(function)
            mappings = [mapping for mapping in mappings if mapping.target == target]
        if source:
            mappings = [mapping for mapping in mappings if mapping.config.event_source_arn == source]
        return mappings


def _translating(handler: Handler) -> Handler:
    """The handler, its errors as those of the API."""

    async def answer(call: Call) -> Reply:
        try:
            return await handler(call)
        except InvalidMappingError as error:
            kind = ValidationError if error.code == "ValidationException" else InvalidParameterValueError
            raise kind(str(error)) from None
        except MappingNotFoundError:
            raise ResourceNotFoundError("The resource you requested does not exist.") from None
        except FunctionUnknownError as error:
            unknown = unknown_function(str(error))
            if isinstance(unknown, ResourceNotFoundError) and call.method != "GET":
                raise InvalidParameterValueError("Function does not exist") from None
            raise unknown from None
        except MappingConflictError as error:
            raise ResourceConflictError(str(error)) from None
        except MappingInUseError:
            verb = "delete" if call.method == "DELETE" else "update"
            raise ResourceInUseError(f"Cannot {verb} the event source mapping because it is in use.") from None

    return answer


def _content(call: Call) -> dict[str, Any]:
    require_json(call)
    try:
        content = orjson.loads(call.body or b"{}")
    except orjson.JSONDecodeError as error:
        raise InvalidRequestContentError(f"Could not parse request body into json: {error}") from None
    if not isinstance(content, dict):
        raise InvalidRequestContentError("The request body is not a JSON object.")
    return content
