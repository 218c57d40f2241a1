"""Routes, authorizers and settings from an API definition with API Gateway's extensions.

Mirrors "OpenAPI extensions for API Gateway" in the API Gateway Developer Guide, for OpenAPI 3.0 and Swagger 2.0.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

from lambda_emulator.stack import Cors, RequestValidation, Route
from lambda_emulator.template.apis.mapped import from_definition
from lambda_emulator.template.apis.parts import (
    ApiReader,
    Authorizer,
    http_cors,
    identity_sources,
    payload_format,
)
from lambda_emulator.template.apis.validation import ModelError, operation_rules
from lambda_emulator.template.values import as_list, as_mapping, as_text

_ANY_METHOD = "x-amazon-apigateway-any-method"
_AUTHORIZER = "x-amazon-apigateway-authorizer"
_AUTHORIZER_KIND = "x-amazon-apigateway-authtype"
_INTEGRATION = "x-amazon-apigateway-integration"
_METHODS = frozenset({"get", "put", "post", "delete", "options", "head", "patch", "trace", _ANY_METHOD})
_STAGE_VARIABLE = re.compile(r"\$\{stageVariables\.(\w+)\}")


class Definition:
    """One API definition, every intrinsic function in it settled."""

    def __init__(self, body: Mapping[str, Any], reader: ApiReader, stage_variables: Mapping[str, str]) -> None:
        self._body = body
        self._reader = reader
        self._stage_variables = stage_variables

    def routes(self) -> Iterator[Route]:
        """The routes that a function is behind. Others are left out with a warning."""
        for path, method, operation in self._operations():
            integration = self._integration(operation)
            kind = as_text(integration.get("type")).lower()
            uri = as_text(integration.get("uri"))
            uri = _STAGE_VARIABLE.sub(lambda match: self._stage_variables.get(match[1], ""), uri)
            name = "ANY" if method == _ANY_METHOD else method.upper()
            behind = self._reader.behind(f"{name} {path}", kind, uri, lambda: from_definition(integration))  # noqa: B023
            if behind is None:
                continue
            function, mapped = behind
            authorizer, scopes = self._security(operation)
            yield Route(
                method=name,
                path="$default" if path == "/$default" else path,
                function=function,
                payload_format=payload_format(self._reader.kind, integration.get("payloadFormatVersion")),
                timeout_seconds=self._reader.timeout(integration.get("timeoutInMillis")),
                authorizer=authorizer,
                scopes=scopes,
                operation_name=as_text(operation.get("operationId")) or None if self._reader.kind == "rest" else None,
                validation=self._validation(f"{name} {path}", path, operation),
                api_key_required=self._requires_key(operation),
                mapped=mapped,
            )

    @cached_property
    def authorizers(self) -> tuple[Authorizer, ...]:
        """The authorizers that can be enforced here. Others are named in a warning."""
        found = (
            self._authorizer(name, scheme) for name, scheme in self._schemes.items() if not self._is_api_key(scheme)
        )
        return tuple(authorizer for authorizer in found if authorizer is not None)

    @cached_property
    def _schemes(self) -> Mapping[str, Mapping[str, Any]]:
        components = as_mapping(self._body.get("components"))
        schemes = self._body.get("securityDefinitions") or components.get("securitySchemes")
        return {name: as_mapping(scheme) for name, scheme in as_mapping(schemes).items()}

    def _is_api_key(self, scheme: Mapping[str, Any]) -> bool:
        """Whether a scheme stands for the keys of usage plans, and for no authorizer."""
        own = self._reader.kind == "rest" and not scheme.keys() & {_AUTHORIZER, _AUTHORIZER_KIND}
        return own and as_text(scheme.get("type")) == "apiKey" and as_text(scheme.get("name")).lower() == "x-api-key"

    def api_key_source(self) -> str:
        """``HEADER`` or ``AUTHORIZER``."""
        return as_text(self._body.get("x-amazon-apigateway-api-key-source"))

    def policy(self) -> Mapping[str, Any]:
        """The resource policy; empty where there is none."""
        return as_mapping(self._body.get("x-amazon-apigateway-policy"))

    def own_responses(self) -> Mapping[str, Any]:
        """The gateway responses that the definition words itself, by type."""
        return as_mapping(self._body.get("x-amazon-apigateway-gateway-responses"))

    def cors(self) -> Cors | None:
        """The CORS settings of an HTTP API."""
        settings = self._body.get("x-amazon-apigateway-cors")
        if isinstance(settings, Mapping):
            return http_cors({name[:1].upper() + name[1:]: value for name, value in settings.items()})
        return None

    def binary_media_types(self) -> tuple[str, ...]:
        return tuple(map(as_text, as_list(self._body.get("x-amazon-apigateway-binary-media-types"))))

    def _operations(self) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
        for path, item in as_mapping(self._body.get("paths")).items():
            for method, operation in as_mapping(item).items():
                if not isinstance(operation, dict):
                    continue
                if method.lower() in _METHODS:
                    yield path, method.lower(), operation
                elif _INTEGRATION in operation:
                    self._reader.warn(f"{method} {path} is left out: there is no such method")

    def _validation(self, route: str, path: str, operation: Mapping[str, Any]) -> RequestValidation | None:
        if self._reader.kind != "rest":
            return None
        try:
            return operation_rules(self._body, as_mapping(as_mapping(self._body.get("paths")).get(path)), operation)
        except ModelError as error:
            self._reader.warn(f"the requests of {route} are not validated: {error}")
            return None

    def _integration(self, operation: Mapping[str, Any]) -> Mapping[str, Any]:
        integration = as_mapping(operation.get(_INTEGRATION))
        reference = integration.get("$ref")
        if not isinstance(reference, str):
            return integration
        found: Any = self._body
        for part in reference.removeprefix("#/").split("/"):
            found = as_mapping(found).get(part)
        return as_mapping(found)

    def _security(self, operation: Mapping[str, Any]) -> tuple[str | None, tuple[str, ...]]:
        known = {authorizer.name for authorizer in self.authorizers}
        for requirement in as_list(operation.get("security", self._body.get("security"))):
            for name, scopes in as_mapping(requirement).items():
                if name in known:
                    return name, tuple(map(as_text, as_list(scopes)))
        return None, ()

    def _requires_key(self, operation: Mapping[str, Any]) -> bool:
        requirements = as_list(operation.get("security", self._body.get("security")))
        named = {name for requirement in requirements for name in as_mapping(requirement)}
        return any(self._is_api_key(self._schemes.get(name, {})) for name in named)

    def _authorizer(self, name: str, scheme: Mapping[str, Any]) -> Authorizer | None:
        settings = as_mapping(scheme.get(_AUTHORIZER))
        kind = as_text(settings.get("type")).lower()
        jwt = as_mapping(settings.get("jwtConfiguration"))
        sources = identity_sources(settings.get("identitySource"))
        if kind == "token" and not sources:
            sources = (f"method.request.header.{scheme.get('name', 'Authorization')}",)
        return self._reader.authorizer(
            name,
            kind or as_text(scheme.get(_AUTHORIZER_KIND) or scheme.get("type")),
            issuer=jwt.get("issuer"),
            audience=jwt.get("audience"),
            uri=settings.get("authorizerUri"),
            sources=sources,
            payload_version=settings.get("authorizerPayloadFormatVersion"),
            simple_responses=settings.get("enableSimpleResponses"),
            lifetime=settings.get("authorizerResultTtlInSeconds"),
            validation=settings.get("identityValidationExpression"),
        )
