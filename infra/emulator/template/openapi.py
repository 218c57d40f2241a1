"""Routes and authorizers from an API definition with API Gateway's extensions.

Mirrors "OpenAPI extensions for API Gateway" in the API Gateway Developer Guide, for OpenAPI 3.0 and Swagger 2.0.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Literal

from emulator.stack import Cors, JwtAuthorizer, LambdaAuthorizer, Route
from emulator.template.functions import FunctionIndex
from emulator.template.parameters import as_text
from emulator.template.resources import Catalog

ANY_METHOD = "x-amazon-apigateway-any-method"
INTEGRATION = "x-amazon-apigateway-integration"
_AUTHORIZER = "x-amazon-apigateway-authorizer"
_METHODS = frozenset({"get", "put", "post", "delete", "options", "head", "patch", "trace", ANY_METHOD})
_STAGE_VARIABLE = re.compile(r"\$\{stageVariables\.(\w+)\}")


class Definition:
    """One API definition, every intrinsic function in it settled."""

    def __init__(
        self,
        body: Mapping[str, Any],
        *,
        api: str,
        kind: Literal["http", "rest"],
        index: FunctionIndex,
        catalog: Catalog,
        stage_variables: Mapping[str, str],
    ) -> None:
        self._body = body
        self._api = api
        self._kind = kind
        self._index = index
        self._catalog = catalog
        self._stage_variables = stage_variables

    def routes(self) -> Iterator[Route]:
        """The routes that a function is behind. Others are left out with a warning."""
        default_security = self._body.get("security")
        for path, item in (self._body.get("paths") or {}).items():
            for method, operation in (item or {}).items():
                if method.lower() not in _METHODS or not isinstance(operation, dict):
                    continue
                if route := self._route(path, method.lower(), operation, default_security):
                    yield route

    def _route(self, path: str, method: str, operation: Mapping[str, Any], default_security: Any) -> Route | None:
        name = "ANY" if method == ANY_METHOD else method.upper()
        integration = self._resolved(operation.get(INTEGRATION) or {})
        kind = as_text(integration.get("type")).lower()
        if kind == "mock":
            return None  # the OPTIONS methods of a REST API's CORS; see cors()
        uri = as_text(integration.get("uri"))
        uri = _STAGE_VARIABLE.sub(lambda match: self._stage_variables.get(match[1], ""), uri)
        function = self._index.find(uri) if kind in ("aws_proxy", "aws") else None
        if function is None:
            target = uri if kind in ("aws_proxy", "aws") else f"an integration of type {kind or 'unknown'}"
            self._catalog.warn(f"{self._api}: {name} {path} is left out: {target} is no function of this template")
            return None
        authorizer, scopes = self._security(operation.get("security", default_security))
        default_version = "1.0"
        version = as_text(integration.get("payloadFormatVersion") or default_version)
        timeout = integration.get("timeoutInMillis")
        default_timeout = 30.0 if self._kind == "http" else 29.0
        return Route(
            method=name,
            path="$default" if path == "/$default" else path,
            function=function,
            payload_format="2.0" if self._kind == "http" and version == "2.0" else "1.0",
            timeout_seconds=float(timeout) / 1000 if timeout else default_timeout,
            authorizer=authorizer,
            scopes=scopes,
        )

    def _resolved(self, integration: Mapping[str, Any]) -> Mapping[str, Any]:
        reference = integration.get("$ref")
        if not isinstance(reference, str):
            return integration
        found: Any = self._body
        for part in reference.removeprefix("#/").split("/"):
            found = found.get(part) if isinstance(found, Mapping) else None
        return found if isinstance(found, Mapping) else {}

    def _security(self, security: Any) -> tuple[str | None, tuple[str, ...]]:
        known = {authorizer.name for authorizer in self.authorizers()}
        for requirement in security or []:
            for name, scopes in requirement.items():
                if name in known:
                    return name, tuple(map(as_text, scopes or []))
        return None, ()

    def authorizers(self) -> tuple[JwtAuthorizer | LambdaAuthorizer, ...]:
        """The authorizers that can be enforced here. Others are named in a warning."""
        schemes = self._body.get("securityDefinitions") or (self._body.get("components") or {}).get("securitySchemes")
        found = (self._authorizer(name, scheme) for name, scheme in (schemes or {}).items())
        return tuple(authorizer for authorizer in found if authorizer is not None)

    def _authorizer(self, name: str, scheme: Mapping[str, Any]) -> JwtAuthorizer | LambdaAuthorizer | None:
        settings = scheme.get(_AUTHORIZER) or {}
        kind = as_text(settings.get("type")).lower()
        if kind == "jwt":
            jwt = settings.get("jwtConfiguration") or {}
            return JwtAuthorizer(
                name=name,
                issuer=as_text(jwt.get("issuer")),
                audience=tuple(map(as_text, jwt.get("audience") or [])),
                identity_source=as_text(settings.get("identitySource") or "$request.header.Authorization"),
            )
        function = self._index.find(settings.get("authorizerUri")) if kind in ("request", "token") else None
        if function is None:
            label = scheme.get("x-amazon-apigateway-authtype") or kind or scheme.get("type")
            self._catalog.warn(f"{self._api}: {name} ({label}) is not enforced locally")
            return None
        sources = as_text(settings.get("identitySource") or "")
        if kind == "token" and not sources:
            sources = f"method.request.header.{scheme.get('name', 'Authorization')}"
        version = as_text(settings.get("authorizerPayloadFormatVersion") or "1.0")
        return LambdaAuthorizer(
            name=name,
            function=function,
            kind="TOKEN" if kind == "token" else "REQUEST",
            identity_sources=tuple(part.strip() for part in sources.split(",") if part.strip()),
            payload_format="2.0" if version == "2.0" else "1.0",
            simple_responses=as_text(settings.get("enableSimpleResponses")).lower() == "true",
            result_ttl_seconds=int(settings.get("authorizerResultTtlInSeconds") or 0),
        )

    def cors(self) -> Cors | None:
        """The CORS settings: an HTTP API's own, or what a REST API's mock OPTIONS methods answer."""
        settings = self._body.get("x-amazon-apigateway-cors")
        if isinstance(settings, Mapping):
            return http_cors({name[:1].upper() + name[1:]: value for name, value in settings.items()})
        for item in (self._body.get("paths") or {}).values():
            integration = ((item or {}).get("options") or {}).get(INTEGRATION) or {}
            if as_text(integration.get("type")).lower() == "mock":
                for response in (integration.get("responses") or {}).values():
                    if cors := _mock_cors(response.get("responseParameters") or {}):
                        return cors
        return None

    def binary_media_types(self) -> tuple[str, ...]:
        return tuple(map(as_text, self._body.get("x-amazon-apigateway-binary-media-types") or []))


def http_cors(settings: Mapping[str, Any]) -> Cors:
    """``CorsConfiguration`` of an HTTP API or ``Cors`` of a function URL."""

    def texts(name: str) -> tuple[str, ...]:
        value = settings.get(name) or []
        return tuple(map(as_text, value if isinstance(value, list) else [value]))

    age = settings.get("MaxAge")
    return Cors(
        allow_origins=texts("AllowOrigins"),
        allow_methods=texts("AllowMethods"),
        allow_headers=texts("AllowHeaders"),
        expose_headers=texts("ExposeHeaders"),
        allow_credentials=as_text(settings.get("AllowCredentials")).lower() == "true",
        max_age_seconds=None if age is None else int(age),
    )


def _mock_cors(parameters: Mapping[str, Any]) -> Cors | None:
    """The headers that a mock integration sets; a constant is written in single quotes."""
    headers = {
        name.lower().removeprefix("method.response.header."): as_text(value).strip("'")
        for name, value in parameters.items()
    }

    def texts(name: str) -> tuple[str, ...]:
        return tuple(part.strip() for part in headers.get(name, "").split(",") if part.strip())

    if not texts("access-control-allow-origin"):
        return None
    age = headers.get("access-control-max-age")
    return Cors(
        allow_origins=texts("access-control-allow-origin"),
        allow_methods=texts("access-control-allow-methods"),
        allow_headers=texts("access-control-allow-headers"),
        allow_credentials=headers.get("access-control-allow-credentials") == "true",
        max_age_seconds=int(age) if age else None,
    )
