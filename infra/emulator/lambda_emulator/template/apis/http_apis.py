"""HTTP APIs of a translated template.

Mirrors ``AWS::ApiGatewayV2::Api``, ``Stage``, ``Route``, ``Integration`` and ``Authorizer`` of the CloudFormation
template reference. SAM writes an OpenAPI definition; the CDK and hand-written templates use the other resources.
"""

from __future__ import annotations

from collections.abc import Iterator

from lambda_emulator.stack import Api, Route, Throttle
from lambda_emulator.template.apis.openapi import Definition
from lambda_emulator.template.apis.parts import ApiReader, Authorizer, http_cors, identity_sources, payload_format
from lambda_emulator.template.apis.stages import belonging, read_stage
from lambda_emulator.template.apis.throttles import read_throttle
from lambda_emulator.template.resources.catalog import Catalog, Resource
from lambda_emulator.template.resources.function_index import FunctionIndex
from lambda_emulator.template.values import as_mapping, as_text


def read_http_api(catalog: Catalog, index: FunctionIndex, resource: Resource) -> Api | None:
    """One HTTP API; None, with a warning, where it is a WebSocket API. Raises TemplateError."""
    if (resource.text("ProtocolType") or "HTTP").upper() != "HTTP":
        catalog.warn(f"{resource.logical_id} is left out: WebSocket APIs do not run here")
        return None
    reader = ApiReader(resource.logical_id, "http", catalog, index)
    stage, variables = read_stage(catalog, resource, "AWS::ApiGatewayV2::Stage")
    definition = Definition(as_mapping(resource.get("Body", tolerant=True)), reader, variables)
    authorizers = _authorizers(catalog, resource, reader)
    cors = resource.get("CorsConfiguration", tolerant=True)
    return Api(
        logical_id=resource.logical_id,
        kind="http",
        routes=(
            *definition.routes(),
            *_routes(catalog, resource, reader, authorizers),
            *_quick_route(resource, reader),
        ),
        stage=stage or "$default",
        stage_variables=variables,
        cors=http_cors(cors) if isinstance(cors, dict) else definition.cors(),
        authorizers=(*definition.authorizers, *authorizers.values()),
        throttles=_throttles(catalog, resource),
        location=catalog.location,
    )


def _throttles(catalog: Catalog, api: Resource) -> dict[str, Throttle]:
    """The rates of the API's first stage, by route key; "" for the routes that have none of their own."""
    for stage in belonging(catalog, api, "AWS::ApiGatewayV2::Stage"):
        settings = {"": stage.mapping("DefaultRouteSettings"), **stage.mapping("RouteSettings")}
        read = {key: read_throttle(as_mapping(each), "Throttling") for key, each in settings.items()}
        return {key: throttle for key, throttle in read.items() if throttle is not None}
    return {}


def _routes(catalog: Catalog, api: Resource, reader: ApiReader, authorizers: dict[str, Authorizer]) -> Iterator[Route]:
    integrations = {
        as_text(catalog.ref(resource.logical_id)): resource
        for resource in belonging(catalog, api, "AWS::ApiGatewayV2::Integration")
    }
    for resource in belonging(catalog, api, "AWS::ApiGatewayV2::Route"):
        key = resource.text("RouteKey") or "$default"
        integration = integrations.get((resource.text("Target") or "").removeprefix("integrations/"))
        if integration is None:
            catalog.warn(f"{api.logical_id}: {key} is left out: {resource.logical_id} has no integration")
            continue
        kind = integration.text("IntegrationType") or ""
        function = reader.function_behind(key, kind, integration.get("IntegrationUri", tolerant=True))
        if function is None:
            continue
        authorizer = authorizers.get(resource.text("AuthorizerId") or "")
        method, path = _split_key(key)
        yield Route(
            method=method,
            path=path,
            function=function,
            payload_format=payload_format("http", integration.text("PayloadFormatVersion")),
            timeout_seconds=reader.timeout(integration.get("TimeoutInMillis")),
            authorizer=authorizer.name if authorizer else None,
            scopes=resource.texts("AuthorizationScopes"),
        )


def _quick_route(api: Resource, reader: ApiReader) -> Iterator[Route]:
    """The one route of an API that was made by "quick create": ``Target``, and perhaps ``RouteKey``."""
    if "Target" not in api:
        return
    key = api.text("RouteKey") or "$default"
    function = reader.function_behind(key, "aws_proxy", api.get("Target", tolerant=True))
    if function is not None:
        method, path = _split_key(key)
        yield Route(method, path, function)


def _split_key(key: str) -> tuple[str, str]:
    method, separator, path = key.partition(" ")
    return (method.upper(), path) if separator else ("ANY", key)


def _authorizers(catalog: Catalog, api: Resource, reader: ApiReader) -> dict[str, Authorizer]:
    """The API's authorizers, by what ``Ref`` gives for them."""
    found: dict[str, Authorizer] = {}
    for resource in belonging(catalog, api, "AWS::ApiGatewayV2::Authorizer"):
        jwt = resource.mapping("JwtConfiguration")
        authorizer = reader.authorizer(
            resource.text("Name") or resource.logical_id,
            resource.text("AuthorizerType") or "",
            issuer=jwt.get("Issuer"),
            audience=jwt.get("Audience"),
            uri=resource.get("AuthorizerUri", tolerant=True),
            sources=identity_sources(resource.get("IdentitySource")),
            payload_version=resource.text("AuthorizerPayloadFormatVersion"),
            simple_responses=resource.get("EnableSimpleResponses"),
            lifetime=resource.get("AuthorizerResultTtlInSeconds"),
        )
        if authorizer is not None:
            found[as_text(catalog.ref(resource.logical_id))] = authorizer
    return found
