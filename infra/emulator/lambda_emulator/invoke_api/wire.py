"""Lambda's REST-JSON protocol: calls, replies and errors as boto3 and the AWS CLI read them.

Mirrors "AWS restJson1 protocol" (Smithy) and the error shapes of the Lambda API Reference. An SDK takes the error's
class from ``x-amzn-errortype``, and its text from the body's ``Message`` or ``message``.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field

from lambda_emulator.asgi import HeaderList, Reply, json_reply


@dataclass(slots=True)
class Call:
    """One call of the Lambda API.

    ``parameters`` are the decoded variables of the path, ``query`` the last value of each query name, ``headers``
    are in lower case.
    """

    method: str
    path: str
    parameters: Mapping[str, str]
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    request_id: str = field(default_factory=lambda: str(uuid.uuid4()))


class ApiError(Exception):
    """A call that fails with one of the API's own exceptions.

    ``code`` is the exception's name as in the API Reference. Its body spells ``Message`` in lower case in some
    exceptions and in upper case in others; SDKs take both.
    """

    code = "ServiceException"
    status = 500
    fault = "Service"
    message_key = "Message"

    def __init__(self, message: str, *, reason: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.reason = reason

    def reply(self) -> Reply:
        content = {"Type": self.fault, self.message_key: self.message}
        if self.reason:
            content["Reason"] = self.reason
        return json_reply(self.status, content, [(b"x-amzn-errortype", self.code.encode())])


class ResourceNotFoundError(ApiError):
    """No function, version or mapping of that name."""

    code, status, fault = "ResourceNotFoundException", 404, "User"


class InvalidParameterValueError(ApiError):
    """A parameter has a value that Lambda does not take."""

    code, status, fault, message_key = "InvalidParameterValueException", 400, "User", "message"


class ValidationError(ApiError):
    """A parameter breaks a constraint of the API model."""

    code, status, fault, message_key = "ValidationException", 400, "User", "message"


class InvalidRequestContentError(ApiError):
    """The body is not JSON."""

    code, status, fault, message_key = "InvalidRequestContentException", 400, "User", "message"


class RequestTooLargeError(ApiError):
    """The payload is over the limit of its invocation type."""

    code, status, fault, message_key = "RequestTooLargeException", 413, "User", "message"


class UnsupportedMediaTypeError(ApiError):
    """The body is not sent as JSON."""

    code, status, fault, message_key = "UnsupportedMediaTypeException", 415, "User", "message"


class ThrottledError(ApiError):
    """The function has no concurrency left."""

    code, status, fault, message_key = "TooManyRequestsException", 429, "User", "message"


class UnknownOperationError(ApiError):
    """A path that is no call of the Lambda API at all."""

    code, status, fault = "UnknownOperationException", 404, "User"


class NotImplementedLocallyError(ApiError):
    """A call that exists on AWS and that the local runtime does not have. ``sam local`` uses the same code."""

    code, status, fault = "NotImplemented", 501, "LocalService"


class UnavailableError(ApiError):
    """The runtime is shutting down."""

    code, status, fault = "ServiceUnavailableException", 503, "Service"


def require_json(call: Call) -> None:
    """Refuse a body that does not say that it is JSON: a web page may send others without being asked first.

    Raises UnsupportedMediaTypeError.
    """
    media_type = call.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/json" and not media_type.startswith("application/x-amz-json-"):
        raise UnsupportedMediaTypeError(f"The content type is {media_type or 'missing'}; it must be application/json.")


def with_request_id(reply: Reply, request_id: str) -> Reply:
    """Add the id that SDKs report as ``ResponseMetadata.RequestId``."""
    headers: HeaderList = reply.headers
    headers.append((b"x-amzn-requestid", request_id.encode()))
    return reply
