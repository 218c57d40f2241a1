"""What API Gateway itself answers when a request does not get as far as a function's own response.

HTTP APIs: "Troubleshooting issues with HTTP API Lambda integrations". REST APIs: "Gateway response types". Function
URLs: "Lambda function URLs, error handling". Each kind has its own words, down to their capitals, and nothing of
what went wrong inside is ever told to a client.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import Enum, auto
from typing import Literal

from lambda_emulator.asgi import JSON_TYPE, HeaderList, Reply, json_reply

ApiKind = Literal["http", "rest", "function_url"]


class GatewayResponse(Enum):
    """Why there is no response from a function."""

    NO_ROUTE = auto()
    NO_FUNCTION = auto()  # the route names a function that the template does not have
    UNAUTHORIZED = auto()
    FORBIDDEN = auto()
    EXPLICIT_DENY = auto()
    AUTHORIZER_FAILED = auto()
    HEADERS_TOO_LARGE = auto()
    BODY_TOO_LARGE = auto()  # over the gateway's own limit
    BAD_PARAMETERS = auto()
    BAD_BODY = auto()  # it does not fit the method's model
    MAPPING_FAILED = auto()  # a mapping template, or no integration response fits
    EVENT_TOO_LARGE = auto()  # over Lambda's limit, once the event is made
    INVALID_API_KEY = auto()
    TOO_MANY_REQUESTS = auto()  # over the rate of the route or of the key's plan
    QUOTA_EXCEEDED = auto()
    THROTTLED = auto()  # over the function's concurrency
    FUNCTION_FAILED = auto()
    BAD_BASE64 = auto()  # the function's answer says that its body is base64, and it is not
    BAD_RESPONSE = auto()  # the function's answer is not a response
    TIMED_OUT = auto()
    CLOSING = auto()
    INTERNAL = auto()


# Status and message. Where AWS documents no body, the one seen from the service is used; THROTTLED of REST APIs and
# HEADERS_TOO_LARGE are unconfirmed.
_HTTP: dict[GatewayResponse, tuple[int, str]] = {
    GatewayResponse.NO_ROUTE: (404, "Not Found"),
    GatewayResponse.NO_FUNCTION: (502, "No function defined for resource method"),
    GatewayResponse.UNAUTHORIZED: (401, "Unauthorized"),
    GatewayResponse.FORBIDDEN: (403, "Forbidden"),
    GatewayResponse.EXPLICIT_DENY: (403, "Forbidden"),
    GatewayResponse.HEADERS_TOO_LARGE: (431, "Request Header Fields Too Large"),
    GatewayResponse.BODY_TOO_LARGE: (413, "Request Entity Too Large"),
    GatewayResponse.EVENT_TOO_LARGE: (413, "Request Entity Too Large"),
    GatewayResponse.TOO_MANY_REQUESTS: (429, "Too Many Requests"),
    GatewayResponse.THROTTLED: (503, "Service Unavailable"),
    GatewayResponse.TIMED_OUT: (503, "Service Unavailable"),
    GatewayResponse.CLOSING: (503, "Service Unavailable"),
}
_HTTP_DEFAULT = (500, "Internal Server Error")

_REST: dict[GatewayResponse, tuple[int, str | None]] = {
    GatewayResponse.NO_ROUTE: (403, "Missing Authentication Token"),
    GatewayResponse.NO_FUNCTION: (502, "No function defined for resource method"),
    GatewayResponse.UNAUTHORIZED: (401, "Unauthorized"),
    GatewayResponse.FORBIDDEN: (403, "User is not authorized to access this resource"),
    GatewayResponse.EXPLICIT_DENY: (403, "User is not authorized to access this resource with an explicit deny"),
    GatewayResponse.INVALID_API_KEY: (403, "Forbidden"),
    GatewayResponse.TOO_MANY_REQUESTS: (429, "Too Many Requests"),
    GatewayResponse.QUOTA_EXCEEDED: (429, "Limit Exceeded"),
    GatewayResponse.HEADERS_TOO_LARGE: (431, "HTTP header is larger than 10240 bytes."),
    GatewayResponse.BODY_TOO_LARGE: (413, "HTTP content length exceeded 10485760 bytes."),
    GatewayResponse.EVENT_TOO_LARGE: (413, "Request Too Long"),
    GatewayResponse.BAD_PARAMETERS: (400, "Missing required request parameters: []"),
    GatewayResponse.BAD_BODY: (400, "Invalid request body"),
    GatewayResponse.MAPPING_FAILED: (500, "Internal server error"),
    GatewayResponse.TIMED_OUT: (504, "Endpoint request timed out"),
    GatewayResponse.THROTTLED: (500, "Internal server error"),
    GatewayResponse.BAD_BASE64: (500, "Internal server error"),
    GatewayResponse.AUTHORIZER_FAILED: (500, None),  # {"message": null} it is, from the service itself
    GatewayResponse.CLOSING: (503, "Service Unavailable"),
}
_REST_DEFAULT = (502, "Internal server error")
_REST_ERROR_TYPES = {
    GatewayResponse.NO_ROUTE: b"MissingAuthenticationTokenException",
    GatewayResponse.UNAUTHORIZED: b"UnauthorizedException",
    GatewayResponse.FORBIDDEN: b"AccessDeniedException",
    GatewayResponse.EXPLICIT_DENY: b"AccessDeniedException",
    GatewayResponse.INVALID_API_KEY: b"ForbiddenException",
    GatewayResponse.TOO_MANY_REQUESTS: b"TooManyRequestsException",
    GatewayResponse.QUOTA_EXCEEDED: b"LimitExceededException",
    GatewayResponse.AUTHORIZER_FAILED: b"AuthorizerConfigurationException",
    GatewayResponse.HEADERS_TOO_LARGE: b"BadRequestException",
    GatewayResponse.BODY_TOO_LARGE: b"BadRequestException",
    GatewayResponse.EVENT_TOO_LARGE: b"BadRequestException",
    GatewayResponse.BAD_PARAMETERS: b"BadRequestException",
    GatewayResponse.BAD_BODY: b"BadRequestException",
}
# Refused before the API's own machinery begins, hence in plain text.
_REST_PLAIN = frozenset({GatewayResponse.HEADERS_TOO_LARGE, GatewayResponse.BODY_TOO_LARGE})

_URL: dict[GatewayResponse, tuple[int, str]] = {
    GatewayResponse.NO_ROUTE: (404, "Not Found"),
    GatewayResponse.FORBIDDEN: (403, "Forbidden"),
    GatewayResponse.HEADERS_TOO_LARGE: (431, "Request Header Fields Too Large"),
    GatewayResponse.BODY_TOO_LARGE: (413, "Request Entity Too Large"),
    GatewayResponse.EVENT_TOO_LARGE: (413, "Request Entity Too Large"),
    GatewayResponse.THROTTLED: (429, "Rate Exceeded."),
    GatewayResponse.CLOSING: (503, "Service Unavailable"),
    GatewayResponse.TIMED_OUT: (504, "Endpoint request timed out"),
}
_URL_DEFAULT = (502, "Internal Server Error")


@dataclass
class GatewayReply(Reply):
    """A reply of the API's own: which response it is, and its message."""

    response: GatewayResponse = GatewayResponse.INTERNAL
    text: str | None = None


def gateway_reply(
    kind: ApiKind, response: GatewayResponse, headers: HeaderList | None = None, *, text: str | None = None
) -> Reply:
    """The reply of an API of that kind; of a REST API with another ``text`` than usual, where one is given."""
    if kind == "http":
        status, message = _HTTP.get(response, _HTTP_DEFAULT)
        return json_reply(status, {"message": message}, headers)
    if kind == "rest":
        status, usual = _REST.get(response, _REST_DEFAULT)
        text = text or usual
        error_type = _REST_ERROR_TYPES.get(response, b"InternalServerErrorException")
        all_headers = [(b"x-amzn-errortype", error_type), *(headers or ())]
        if response in _REST_PLAIN:
            plain = (b"content-type", b"text/plain; charset=utf-8")
            return GatewayReply(status, (text or "").encode(), [plain, *all_headers], response, text)
        key = "Message" if response in (GatewayResponse.FORBIDDEN, GatewayResponse.EXPLICIT_DENY) else "message"
        # REST APIs, unlike HTTP APIs, put a space after the colon, and there are tests that compare the text.
        value = json.dumps(text)
        return GatewayReply(status, f'{{"{key}": {value}}}'.encode(), [JSON_TYPE, *all_headers], response, text)
    status, message = _URL.get(response, _URL_DEFAULT)
    if status == 502:
        return Reply(status, message.encode(), [JSON_TYPE, *(headers or ())])
    return json_reply(status, {"Message": message}, headers)
