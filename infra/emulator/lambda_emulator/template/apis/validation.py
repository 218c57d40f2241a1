"""What a REST API's methods ask of their requests: required parameters, and models for bodies.

Mirrors "Request validation for REST APIs in API Gateway" in the API Gateway Developer Guide. A model is a JSON schema
of draft 4, in which other models are referred to by name.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from lambda_emulator.stack import RequestValidation
from lambda_emulator.template.values import as_list, as_mapping, as_text

_PLACES = {"header": "header", "query": "querystring", "path": "path"}
_BUILT_IN: Mapping[str, Any] = {"Empty": {}, "Error": {"type": "object"}}


class ModelError(ValueError):
    """A model cannot be used; the text says why."""


def operation_rules(
    body: Mapping[str, Any], path_item: Mapping[str, Any], operation: Mapping[str, Any]
) -> RequestValidation | None:
    """The rules of one operation of an API definition; None where nothing is validated. Raises ModelError."""
    name = operation.get("x-amazon-apigateway-request-validator", body.get("x-amazon-apigateway-request-validator"))
    validator = as_mapping(as_mapping(body.get("x-amazon-apigateway-request-validators")).get(as_text(name)))
    if not validator:
        return None
    parameters = [
        _resolved(body, parameter)
        for parameter in (*as_list(path_item.get("parameters")), *as_list(operation.get("parameters")))
    ]
    wanted = [
        f"method.request.{_PLACES[as_text(parameter['in'])]}.{parameter.get('name')}"
        for parameter in parameters
        if _is_set(parameter.get("required")) and as_text(parameter.get("in")) in _PLACES
    ]
    schemas = as_mapping(body.get("definitions")) or as_mapping(as_mapping(body.get("components")).get("schemas"))
    return _rules(
        wanted if _is_set(validator.get("validateRequestParameters")) else (),
        _body_schemas(body, operation, parameters) if _is_set(validator.get("validateRequestBody")) else {},
        schemas,
    )


def method_rules(
    validator: Mapping[str, Any], parameters: Mapping[str, Any], models: Mapping[str, Any], schemas: Mapping[str, Any]
) -> RequestValidation | None:
    """The rules of a ``Method``. ``models`` names a model for each content type. Raises ModelError."""
    wanted = [name for name, required in parameters.items() if _is_set(required)]
    known = {**_BUILT_IN, **schemas}
    if unknown := [name for name in map(as_text, models.values()) if name not in known]:
        raise ModelError(f"there is no model {', '.join(unknown)}")
    return _rules(
        wanted if _is_set(validator.get("ValidateRequestParameters")) else (),
        {media_type: known[as_text(name)] for media_type, name in models.items()}
        if _is_set(validator.get("ValidateRequestBody"))
        else {},
        schemas,
    )


def schema_of(written: Any) -> Any:
    """The schema of a ``Model``, which may be JSON text. Raises ModelError."""
    if not isinstance(written, str):
        return written
    try:
        return json.loads(written)
    except ValueError as error:
        raise ModelError(f"the schema is not JSON: {error}") from None


def _rules(wanted: Iterable[str], models: Mapping[str, Any], schemas: Mapping[str, Any]) -> RequestValidation | None:
    # Imported here: most templates have no models, and it takes a while.
    from jsonschema import Draft4Validator
    from jsonschema.exceptions import SchemaError

    shared = {name: _local(schema, schemas) for name, schema in schemas.items()} if models else {}
    complete = {kind: {"definitions": shared, **_local(schema, schemas)} for kind, schema in models.items()}
    for schema in complete.values():
        try:
            Draft4Validator.check_schema(schema)
        except SchemaError as error:
            raise ModelError(f"no JSON schema of draft 4: {error.message}") from None
    rules = RequestValidation(tuple(wanted), complete)
    return rules if rules.parameters or rules.models else None


def _body_schemas(
    body: Mapping[str, Any], operation: Mapping[str, Any], parameters: Iterable[Mapping[str, Any]]
) -> dict[str, Any]:
    content = as_mapping(as_mapping(operation.get("requestBody")).get("content"))
    found = {media_type: as_mapping(item).get("schema") for media_type, item in content.items()}
    for parameter in parameters:
        if parameter.get("in") == "body":
            for media_type in as_list(operation.get("consumes", body.get("consumes"))) or ["application/json"]:
                found[as_text(media_type)] = parameter.get("schema")
    return {media_type: schema for media_type, schema in found.items() if isinstance(schema, Mapping)}


def _resolved(body: Mapping[str, Any], parameter: Any) -> Mapping[str, Any]:
    reference = as_mapping(parameter).get("$ref")
    if not isinstance(reference, str):
        return as_mapping(parameter)
    found: Any = body
    for part in reference.removeprefix("#/").split("/"):
        found = as_mapping(found).get(part)
    return as_mapping(found)


def _local(schema: Any, schemas: Mapping[str, Any]) -> Any:
    """A schema whose references to models lead into itself. Raises ModelError."""
    if isinstance(schema, list):
        return [_local(item, schemas) for item in schema]
    if not isinstance(schema, Mapping):
        return schema
    local = {name: _local(item, schemas) for name, item in schema.items()}
    reference = schema.get("$ref")
    if isinstance(reference, str) and not reference.startswith("#/definitions/"):
        local["$ref"] = f"#/definitions/{reference.rpartition('/')[2]}"
    if isinstance(reference, str) and reference.rpartition("/")[2] not in {
        *schemas,
        *as_mapping(schema.get("definitions")),
    }:
        raise ModelError(f"there is no model {reference}")
    return local


def _is_set(value: Any) -> bool:
    return as_text(value).lower() == "true"
