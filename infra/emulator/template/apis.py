"""APIs of a translated template: HTTP APIs, REST APIs and function URLs.

Mirrors ``AWS::ApiGatewayV2::Api``, ``AWS::ApiGateway::RestApi``, their stages, and ``AWS::Lambda::Url``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from emulator.stack import Api, Route
from emulator.template.functions import FunctionIndex
from emulator.template.openapi import Definition, http_cors
from emulator.template.parameters import as_text
from emulator.template.resources import Catalog, Resource


def read_apis(catalog: Catalog, index: FunctionIndex) -> tuple[Api, ...]:
    """Every API, in the template's order. Raises TemplateError."""
    readers = {
        "AWS::ApiGatewayV2::Api": _http_api,
        "AWS::ApiGateway::RestApi": _rest_api,
        "AWS::Lambda::Url": _function_url,
    }
    found = (readers[resource.type](catalog, index, resource) for resource in catalog.of_type(*readers))
    return tuple(api for api in found if api is not None)


def _http_api(catalog: Catalog, index: FunctionIndex, resource: Resource) -> Api | None:
    if (resource.text("ProtocolType") or "HTTP").upper() != "HTTP":
        catalog.warn(f"{resource.logical_id} is left out: WebSocket APIs do not run here")
        return None
    stage, variables = _stage(catalog, resource, "AWS::ApiGatewayV2::Stage", "ApiId", "StageVariables")
    definition = _definition(catalog, index, resource, "http", variables)
    cors = resource.mapping("CorsConfiguration")
    return Api(
        logical_id=resource.logical_id,
        kind="http",
        routes=tuple(definition.routes()),
        stage=stage or "$default",
        stage_variables=variables,
        cors=http_cors(cors) if cors else definition.cors(),
        authorizers=definition.authorizers(),
    )


def _rest_api(catalog: Catalog, index: FunctionIndex, resource: Resource) -> Api:
    stage, variables = _stage(catalog, resource, "AWS::ApiGateway::Stage", "RestApiId", "Variables")
    definition = _definition(catalog, index, resource, "rest", variables)
    binary = (*resource.texts("BinaryMediaTypes"), *definition.binary_media_types())
    return Api(
        logical_id=resource.logical_id,
        kind="rest",
        routes=tuple(definition.routes()),
        stage=stage or "Prod",
        stage_variables=variables,
        cors=definition.cors(),
        binary_media_types=tuple(dict.fromkeys(kind.replace("~1", "/") for kind in binary)),
        authorizers=definition.authorizers(),
    )


def _function_url(catalog: Catalog, index: FunctionIndex, resource: Resource) -> Api | None:
    function = index.find(resource.get("TargetFunctionArn"))
    if function is None:
        catalog.warn(f"{resource.logical_id} is left out: its function is not in this template")
        return None
    if resource.text("AuthType") == "AWS_IAM":
        catalog.warn(f"{resource.logical_id}: AWS_IAM is not enforced locally")
    if resource.text("InvokeMode") == "RESPONSE_STREAM":
        catalog.warn(f"{resource.logical_id}: responses are sent whole, not streamed")
    cors = resource.mapping("Cors")
    return Api(
        logical_id=resource.logical_id,
        kind="function_url",
        routes=(Route("ANY", "$default", function),),
        cors=http_cors(cors) if cors else None,
    )


def _stage(
    catalog: Catalog, api: Resource, stage_type: str, api_property: str, variables_property: str
) -> tuple[str | None, dict[str, str]]:
    """The name and variables of an API's first stage."""
    for stage in _belonging(catalog, api, stage_type, api_property):
        variables = stage.mapping(variables_property)
        return stage.text("StageName"), {name: as_text(value) for name, value in variables.items()}
    return None, {}


def _belonging(catalog: Catalog, api: Resource, resource_type: str, api_property: str) -> Iterator[Resource]:
    for resource in catalog.of_type(resource_type):
        if resource.text(api_property) == catalog.ref(api.logical_id):
            yield resource


def _definition(
    catalog: Catalog,
    index: FunctionIndex,
    resource: Resource,
    kind: Literal["http", "rest"],
    stage_variables: Mapping[str, str],
) -> Definition:
    body: Any = resource.get("Body", {})
    if not isinstance(body, dict):
        raise resource.error("an API definition is a mapping", "DefinitionBody")
    return Definition(
        body,
        api=resource.logical_id,
        kind=kind,
        index=index,
        catalog=catalog,
        stage_variables=stage_variables,
    )
