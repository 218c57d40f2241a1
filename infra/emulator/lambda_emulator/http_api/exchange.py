"""What an integration needs to know of one request: the request, where it goes, and who the caller is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from lambda_emulator.http_api.message import Request, long_request_id, short_request_id
from lambda_emulator.http_api.routes import one_slash
from lambda_emulator.stack import Api, ApiKey, Route


@dataclass(slots=True)
class Exchange:
    """One request on its way to a function.

    ``prefix`` is the stage as it stands in the request's path, or empty. ``identity`` is what the route's authorizer
    found, in the shape of the event's ``requestContext.authorizer``, or None where the route has no authorizer.
    ``api_key`` is the one that let the request pass, where the route requires one.
    """

    request: Request
    api: Api
    route: Route
    prefix: str
    parameters: Mapping[str, str] | None
    request_id: str
    identity: Mapping[str, Any] | None = None
    api_key: ApiKey | None = None

    @classmethod
    def begin(
        cls, request: Request, api: Api, route: Route, prefix: str, parameters: Mapping[str, str] | None
    ) -> Exchange:
        request_id = short_request_id() if api.kind == "http" else long_request_id()
        return cls(request, api, route, prefix, parameters, request_id)

    @property
    def event_path(self) -> str:
        """The path as events carry it.

        HTTP APIs decode it and leave the stage in; REST APIs leave it encoded and take the stage out, and slashes in
        front of the rest; function URLs leave it encoded.
        """
        if self.api.kind == "http":
            return self.request.path
        if self.api.kind == "rest":
            return one_slash(self._staged_path[len(self.prefix) :])
        return self.request.raw_path[len(self.prefix) :] or "/"

    @property
    def context_path(self) -> str:
        """The path as ``requestContext.path`` carries it.

        That of a REST API is as the client sent it, with the stage if it was there.
        """
        if self.api.kind != "rest":
            return self.event_path
        return self.prefix + (self._staged_path[len(self.prefix) :] or "/")

    @property
    def resource_path(self) -> str:
        """The decoded path without the stage."""
        if self.api.kind == "rest":
            return unquote(self.event_path)
        return self.request.path[len(self.prefix) :] or "/"

    @property
    def arn(self) -> str:
        """The ARN of the called method, as authorizers get it and IAM policies name it."""
        target = f"{self.api.stage}/{self.request.method}{self.resource_path}"
        return self.api.location.arn("execute-api", f"{self.api.logical_id}/{target}")

    @property
    def _staged_path(self) -> str:
        return one_slash(self.request.raw_path)
