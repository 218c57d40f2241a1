"""REST APIs of a translated template.

Mirrors ``AWS::ApiGateway::RestApi``, ``Stage``, ``Resource``, ``Method`` and ``Authorizer`` of the CloudFormation
template reference. SAM writes a Swagger definition; the CDK and hand-written templates use the other resources.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from lambda_emulator.iam import asks_for_addresses, unknown_parts
from lambda_emulator.stack import Api, OwnResponse, RequestValidation, Route, Throttle
from lambda_emulator.template.apis.api_keys import read_usage_plans
from lambda_emulator.template.apis.mapped import from_method
from lambda_emulator.template.apis.openapi import Definition
from lambda_emulator.template.apis.parts import ApiReader, Authorizer, identity_sources
from lambda_emulator.template.apis.stages import belonging, read_stage
from lambda_emulator.template.apis.throttles import read_throttle
from lambda_emulator.template.apis.validation import ModelError, method_rules, schema_of
from lambda_emulator.template.resources.catalog import Catalog, Resource
from lambda_emulator.template.resources.function_index import FunctionIndex
from lambda_emulator.template.values import as_list, as_mapping, as_text

_HEADER = "gatewayresponse.header."


def read_rest_api(catalog: Catalog, index: FunctionIndex, resource: Resource) -> Api:
    """One REST API. Raises TemplateError."""
    reader = ApiReader(resource.logical_id, "rest", catalog, index)
    stage, variables = read_stage(catalog, resource, "AWS::ApiGateway::Stage", "AWS::ApiGateway::Deployment")
    definition = Definition(as_mapping(resource.get("Body", tolerant=True)), reader, variables)
    authorizers = _authorizers(catalog, resource, reader)
    methods = _Methods(catalog, resource, reader, authorizers)
    binary = (*resource.texts("BinaryMediaTypes"), *definition.binary_media_types(), *methods.binary_media_types())
    return Api(
        logical_id=resource.logical_id,
        kind="rest",
        routes=(*definition.routes(), *methods.routes()),
        stage=stage or "Prod",
        stage_variables=variables,
        binary_media_types=tuple(dict.fromkeys(kind.replace("~1", "/") for kind in binary)),
        authorizers=(*definition.authorizers, *authorizers.values()),
        api_key_source="AUTHORIZER" if _key_source(resource, definition) == "AUTHORIZER" else "HEADER",
        usage_plans=read_usage_plans(catalog, resource, stage or "Prod"),
        throttles=_throttles(catalog, resource),
        policy=_policy(catalog, resource, definition),
        responses=_responses(catalog, resource, definition),
        location=catalog.location,
    )


def _key_source(resource: Resource, definition: Definition) -> str:
    return (resource.text("ApiKeySourceType") or definition.api_key_source()).upper()


def _policy(catalog: Catalog, resource: Resource, definition: Definition) -> Mapping[str, Any] | None:
    """The API's resource policy, with a warning of what in it cannot be known here."""
    policy = as_mapping(resource.get("Policy", tolerant=True)) or definition.policy()
    if not policy:
        return None
    place = "Policy" if "Policy" in resource else "Auth"
    if unknown := unknown_parts(policy):
        names = ", ".join(unknown)
        catalog.warn(str(resource.error(f"the resource policy is enforced here but for its {names}", place)))
    if asks_for_addresses(policy):
        text = (
            "callers on this machine have no address that the resource policy could judge, unless --source-ip gives one"
        )
        catalog.warn(str(resource.error(text, place)))
    return policy


def _throttles(catalog: Catalog, api: Resource) -> dict[str, Throttle]:
    """The rates of the API's first stage, by route key; "" for the methods that have none of their own."""
    found: dict[str, Throttle] = {}
    stage = next(belonging(catalog, api, "AWS::ApiGateway::Stage"), None)
    for setting in map(as_mapping, as_list(stage.get("MethodSettings", [], tolerant=True) if stage else [])):
        path = as_text(setting.get("ResourcePath")).replace("~1", "/")
        path = path[1:] if path.startswith("//") else path  # CloudFormation writes /pets as /~1pets
        method = as_text(setting.get("HttpMethod")).upper()
        if limit := read_throttle(setting, "Throttling"):
            found["" if path == "/*" and method == "*" else f"{'ANY' if method == '*' else method} {path}"] = limit
    return found


def _responses(catalog: Catalog, api: Resource, definition: Definition) -> dict[str, OwnResponse]:
    """The gateway responses in the API's own words, by type."""
    found = {name: _response(as_mapping(each)) for name, each in definition.own_responses().items()}
    for resource in belonging(catalog, api, "AWS::ApiGateway::GatewayResponse"):
        names = ("StatusCode", "ResponseParameters", "ResponseTemplates")
        written = {name[0].lower() + name[1:]: resource.get(name, tolerant=True) for name in names}
        found[resource.text("ResponseType") or ""] = _response(written)
    return found


def _response(written: Mapping[str, Any]) -> OwnResponse:
    """One of them, as a definition has it. Parameters other than headers have no part in an answer."""
    status = as_text(written.get("statusCode"))
    parameters = as_mapping(written.get("responseParameters"))
    return OwnResponse(
        int(status) if status.isdecimal() else None,
        {name.removeprefix(_HEADER): as_text(value) for name, value in parameters.items() if name.startswith(_HEADER)},
        {name: as_text(value) for name, value in as_mapping(written.get("responseTemplates")).items()},
    )


class _Methods:
    """The ``Method`` resources of one API."""

    def __init__(self, catalog: Catalog, api: Resource, reader: ApiReader, authorizers: dict[str, Authorizer]) -> None:
        self._catalog = catalog
        self._reader = reader
        self._authorizers = authorizers
        self._root = catalog.attribute(api.logical_id, "RootResourceId")
        self._folders = {
            as_text(catalog.ref(resource.logical_id)): resource
            for resource in catalog.of_type("AWS::ApiGateway::Resource")
        }
        self._models = list(belonging(catalog, api, "AWS::ApiGateway::Model"))
        self._validators = {
            as_text(catalog.ref(resource.logical_id)): resource
            for resource in belonging(catalog, api, "AWS::ApiGateway::RequestValidator")
        }
        self._methods = [
            (method, as_mapping(method.get("Integration", tolerant=True)))
            for method in belonging(catalog, api, "AWS::ApiGateway::Method")
        ]

    def routes(self) -> Iterator[Route]:
        for method, integration in self._methods:
            kind = as_text(integration.get("Type"))
            name, path = (method.text("HttpMethod") or "ANY").upper(), self._path(method.get("ResourceId"), ())
            key = f"{name} {path}"
            behind = self._reader.behind(key, kind, integration.get("Uri"), lambda: from_method(integration))  # noqa: B023
            if behind is None:
                continue
            function, mapped = behind
            authorizer = self._authorizers.get(method.text("AuthorizerId") or "")
            yield Route(
                method=name,
                path=path,
                function=function,
                payload_format="1.0",
                timeout_seconds=self._reader.timeout(integration.get("TimeoutInMillis")),
                authorizer=authorizer.name if authorizer else None,
                operation_name=method.text("OperationName"),
                api_key_required=as_text(method.get("ApiKeyRequired")) == "true",
                validation=self._validation(key, method),
                mapped=mapped,
            )

    def _validation(self, route: str, method: Resource) -> RequestValidation | None:
        validator = self._validators.get(method.text("RequestValidatorId") or "")
        if validator is None:
            return None
        try:
            models = {
                name: schema_of(model.get("Schema", {}, tolerant=True))
                for model in self._models
                for name in (model.text("Name") or "", as_text(self._catalog.ref(model.logical_id)))
                if name
            }
            return method_rules(
                {name: validator.get(name) for name in validator.properties},
                method.mapping("RequestParameters"),
                method.mapping("RequestModels"),
                models,
            )
        except ModelError as error:
            self._reader.warn(f"the requests of {route} are not validated: {error}")
            return None

    def binary_media_types(self) -> Iterator[str]:
        """The content types that SAM's local API takes as binary: those of a method that converts to binary."""
        for _, integration in self._methods:
            if as_text(integration.get("ContentHandling")) == "CONVERT_TO_BINARY" and integration.get("ContentType"):
                yield as_text(integration["ContentType"])

    def _path(self, resource_id: Any, below: tuple[str, ...]) -> str:
        folder = self._folders.get(as_text(resource_id))
        if folder is None or as_text(resource_id) == self._root or len(below) > len(self._folders):
            return "/" + "/".join(below)
        return self._path(folder.get("ParentId", tolerant=True), (folder.text("PathPart") or "", *below))


def _authorizers(catalog: Catalog, api: Resource, reader: ApiReader) -> dict[str, Authorizer]:
    """The API's authorizers, by what ``Ref`` gives for them."""
    found: dict[str, Authorizer] = {}
    for resource in belonging(catalog, api, "AWS::ApiGateway::Authorizer"):
        authorizer = reader.authorizer(
            resource.text("Name") or resource.logical_id,
            resource.text("Type") or "",
            uri=resource.get("AuthorizerUri", tolerant=True),
            sources=identity_sources(resource.text("IdentitySource")),
            lifetime=resource.get("AuthorizerResultTtlInSeconds"),
            validation=resource.get("IdentityValidationExpression"),
        )
        if authorizer is not None:
            found[as_text(catalog.ref(resource.logical_id))] = authorizer
    return found
