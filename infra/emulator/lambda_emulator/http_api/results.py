"""What the two payload formats share in reading a function's result.

Strict where AWS is: a response that does not fit is the function's mistake and becomes an error, never a guess.
Plain scalars are taken where text is wanted (``"statusCode": "200"``, ``"body": 42``), as the service does.
"""

from __future__ import annotations

import base64
import binascii
import re
from typing import Any

import orjson

from lambda_emulator.asgi import HeaderList

_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
# The server's own to set; a function's values would contradict the message that is really sent.
_OURS = frozenset({"content-length", "transfer-encoding", "connection", "keep-alive", "date", "upgrade"})


class BadResponseError(ValueError):
    """A function's result that is no HTTP response; the text says why, for the log."""


class BadBase64Error(BadResponseError):
    """A body that is said to be base64 and is not."""


def parsed(payload: bytes) -> Any:
    """The result as Python data. Raises BadResponseError."""
    try:
        return orjson.loads(payload)
    except orjson.JSONDecodeError as error:
        raise BadResponseError(f"not JSON: {error}") from None


def status_code(value: object) -> int:
    """A status between 200 and 599, given as a number or as text. Raises BadResponseError."""
    number: object = int(value) if isinstance(value, str) and value.isascii() and value.isdigit() else value
    if isinstance(number, bool) or not isinstance(number, int) or not 200 <= number <= 599:
        raise BadResponseError(f"statusCode must be between 200 and 599, not {value!r}")
    return number


def header_pairs(headers: object, *, several: bool = False) -> HeaderList:
    """``headers``, or ``multiValueHeaders`` where there are ``several`` values to a name, as pairs.

    Raises BadResponseError.
    """
    if headers is None:
        return []
    if not isinstance(headers, dict):
        raise BadResponseError(f"headers must be an object, not {type(headers).__name__}")
    pairs: HeaderList = []
    for name, value in headers.items():
        lowered = name.lower()
        if not _TOKEN.fullmatch(name):
            raise BadResponseError(f"{name!r} is no header name")
        if lowered in _OURS:
            continue
        if several and not isinstance(value, list):
            raise BadResponseError(f"multiValueHeaders {name} must be a list, not {type(value).__name__}")
        encoded_name = lowered.encode()
        for item in value if several else (value,):
            content = _text(item, f"header {name}")
            if _CONTROL.search(content):
                raise BadResponseError(f"header {name} has a control character in it")
            pairs.append((encoded_name, _header_bytes(content)))
    return pairs


def base64_flag(value: object) -> bool:
    """Whether a result says that its body is base64, as a boolean or in a word; without a value it does not.

    AWS documents the boolean alone. The words, and that nothing else passes, are what SAM CLI's authors found by trial.

    Raises BadResponseError.
    """
    if value is None or value in ("false", "False"):
        return False
    if value in ("true", "True"):
        return True
    if not isinstance(value, bool):
        raise BadResponseError(f"isBase64Encoded must be true or false, not {value!r}")
    return value


def decoded_body(body: object, *, encoded: bool) -> bytes:
    """The body's bytes. Raises BadResponseError."""
    content = _text(body, "body")
    if not encoded:
        return content.encode(errors="replace")
    try:
        return base64.b64decode(content, validate=True)
    except (binascii.Error, ValueError):
        raise BadBase64Error("isBase64Encoded is true and body is not base64") from None


def _text(value: object, what: str) -> str:
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    raise BadResponseError(f"{what} must be a string, not {type(value).__name__}")


def _header_bytes(content: str) -> bytes:
    try:
        return content.encode("latin-1")
    except UnicodeEncodeError:
        return content.encode()
