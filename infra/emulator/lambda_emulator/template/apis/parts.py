"""What the definitions of HTTP and REST APIs have in common, however they are written: integrations, authorizers, CORS.

Mirrors "Working with HTTP APIs" and "Working with REST APIs" in the API Gateway Developer Guide.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from lambda_emulator.stack import Cors, JwtAuthorizer, LambdaAuthorizer, MappedIntegration
from lambda_emulator.template.apis import lambda_authorizers, mapped
from lambda_emulator.template.errors import SamWordedError
from lambda_emulator.template.resources.catalog import Catalog
from lambda_emulator.template.resources.function_index import FunctionIndex
from lambda_emulator.template.source.keys import Keys
from lambda_emulator.template.values import as_list, as_mapping, as_text

Authorizer = JwtAuthorizer | LambdaAuthorizer

_PATH_PART = re.compile(r"[^{}]*|\{[^{}]+\}")
_DEFAULT_TIMEOUT = {"http": 30.0, "rest": 29.0}  # seconds; "Quotas" in the API Gateway Developer Guide


@dataclass(frozen=True, slots=True)
class ApiReader:
    """Reads the parts of one API. What cannot be run here is told in a warning that names the API."""

    logical_id: str
    kind: Literal["http", "rest"]
    catalog: Catalog
    index: FunctionIndex

    def function_behind(self, route: str, integration_type: str, uri: Any) -> str | None:
        """The logical id of the function that a route leads to; None, with a warning, where it leads elsewhere.

        A function that the template does not have is given by its name: calling it fails, as in AWS.
        """
        function = self.index.target(uri) if integration_type.lower() in ("aws_proxy", "aws", "") else None
        if function is None:
            target = as_text(uri) or f"an integration of type {integration_type or 'unknown'}"
            self.warn(f"{route} is left out: {target} is no Lambda function")
        return function

    def behind(
        self, route: str, kind: str, uri: Any, read_mapped: Callable[[], MappedIntegration]
    ) -> tuple[str, MappedIntegration | None] | None:
        """The function behind a route and the integration around it, which is None for a proxy.

        None, with a warning, where the route cannot be served.
        """
        self._check_path(route)
        if self.kind != "rest" or kind.lower() not in mapped.KINDS:
            function = self.function_behind(route, kind, uri)
            return None if function is None else (function, None)
        function = "" if kind.lower() == "mock" else self.function_behind(route, kind, uri)
        try:
            return None if function is None else (function, read_mapped())
        except mapped.IntegrationError as error:
            self.warn(f"{route} is left out: {error}")
            return None

    def _check_path(self, route: str) -> None:
        """Refuse a path that REST APIs do not take. Raises TemplateError."""
        path = route.partition(" ")[2]
        if self.kind == "rest" and not all(map(_PATH_PART.fullmatch, path.strip("/").split("/"))):
            raise self.catalog.document.error(
                f"{path} is no path of a REST API: each of its parts is a text or one {{variable}}, never both",
                self._place_of(path),
            )

    def _place_of(self, path: str) -> Keys:
        """Where the template gives a function the path; else the API itself."""
        for logical_id, resource in self.catalog.document.data["Resources"].items():
            events = as_mapping(as_mapping(as_mapping(resource).get("Properties")).get("Events"))
            for name, event in events.items():
                if as_mapping(as_mapping(event).get("Properties")).get("Path") == path:
                    return ("Resources", logical_id, "Properties", "Events", name, "Properties", "Path")
        return ("Resources", self.logical_id)

    def timeout(self, milliseconds: Any) -> float:
        """The integration's timeout in seconds."""
        return self._whole(milliseconds, "the timeout", 0) / 1000 or _DEFAULT_TIMEOUT[self.kind]

    def authorizer(
        self,
        name: str,
        kind: str,
        *,
        issuer: Any = None,
        audience: Any = None,
        uri: Any = None,
        sources: Sequence[str] = (),
        payload_version: Any = None,
        simple_responses: Any = None,
        lifetime: Any = None,
        validation: Any = None,
    ) -> Authorizer | None:
        """An authorizer of one of the kinds that can be enforced here; None, with a warning, of any other kind.

        Raises TemplateError where AWS takes no such authorizer.

        Answers are remembered only where the template gives a time: with AWS's default for REST APIs, five minutes,
        an edited authorizer would seem to change nothing.
        """
        kind = kind.lower()
        if kind == "jwt":
            return JwtAuthorizer(
                name=name,
                issuer=as_text(issuer),
                audience=tuple(map(as_text, as_list(audience))),
                identity_source=sources[0] if sources else "$request.header.Authorization",
            )
        if not uri and kind not in lambda_authorizers.KINDS:
            self.warn(f"the authorizer {name} ({kind}) is not enforced locally")
            return None
        expression = as_text(validation) if kind == "token" and validation else None
        simple = as_text(simple_responses).lower() == "true"
        mistake = lambda_authorizers.refused(self.kind, name, payload_version, sources, expression, simple=simple)
        if mistake:
            raise self.catalog.document.error(mistake, ("Resources", self.logical_id), SamWordedError)
        function = self.index.target(uri)
        reason = lambda_authorizers.unsupported(self.kind, name, kind)
        if reason or function is None:
            self.warn(reason or f"Unable to parse the Lambda ARN for Authorizer '{name}', skipping")
            return None
        if simple and payload_format(self.kind, payload_version) != "2.0":
            self.warn(lambda_authorizers.without_simple_responses(name))
        return LambdaAuthorizer(
            name=name,
            function=function,
            kind="TOKEN" if kind == "token" else "REQUEST",
            identity_sources=tuple(sources),
            payload_format=payload_format(self.kind, payload_version),
            simple_responses=simple,
            result_ttl_seconds=self._whole(lifetime, f"the lifetime of {name}", 0),
            validation_expression=expression,
        )

    def _whole(self, value: Any, what: str, default: int) -> int:
        if value is None:
            return default
        try:
            return int(as_text(value))
        except ValueError:
            self.warn(f"{what} must be a whole number, not {value!r}")
            return default

    def warn(self, message: str) -> None:
        """Note something odd about this API."""
        self.catalog.warn(f"{self.logical_id}: {message}")


def payload_format(kind: Literal["http", "rest"], version: Any) -> Literal["1.0", "2.0"]:
    """The payload format of an integration or authorizer: only HTTP APIs know 2.0, and they too begin at 1.0."""
    return "2.0" if kind == "http" and as_text(version) == "2.0" else "1.0"


def identity_sources(written: Any) -> tuple[str, ...]:
    """Identity sources as a list, or in one text, parted by commas."""
    parts = written if isinstance(written, list) else as_text(written).split(",")
    return tuple(as_text(part).strip() for part in parts if as_text(part).strip())


def http_cors(settings: Mapping[str, Any]) -> Cors:
    """``CorsConfiguration`` of an HTTP API or ``Cors`` of a function URL."""

    def texts(name: str) -> tuple[str, ...]:
        return tuple(map(as_text, as_list(settings.get(name))))

    age = settings.get("MaxAge")
    return Cors(
        allow_origins=texts("AllowOrigins"),
        allow_methods=texts("AllowMethods"),
        allow_headers=texts("AllowHeaders"),
        expose_headers=texts("ExposeHeaders"),
        allow_credentials=as_text(settings.get("AllowCredentials")).lower() == "true",
        max_age_seconds=int(as_text(age)) if as_text(age).isdecimal() else None,
    )
