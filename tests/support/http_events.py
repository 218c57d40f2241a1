"""HTTP API events (payload format 2.0) for handlers called in this process, and a Lambda context for them."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

_SAMPLE = json.loads((Path(__file__).parents[1] / "events/rest-predict.json").read_text())

CONTEXT = SimpleNamespace(
    function_name="RestFunction",
    function_version="$LATEST",
    memory_limit_in_mb=1024,
    invoked_function_arn="arn:aws:lambda:us-east-1:123456789012:function:RestFunction",
    aws_request_id="8476a536-e9f4-11e8-9739-2dfe598c3fcd",
)


def event(
    method: str, path: str, body: str | None = None, *, stage: str = "$default", **headers: str
) -> dict[str, Any]:
    """The event of a request; ``headers`` are given as ``content_type=…`` and added to the usual ones."""
    made: dict[str, Any] = copy.deepcopy(_SAMPLE)
    made["rawPath"] = path
    made["requestContext"]["stage"] = stage
    made["requestContext"]["http"] |= {"method": method, "path": path}
    made["headers"] |= {name.replace("_", "-"): value for name, value in headers.items()}
    if body is None:
        del made["body"], made["headers"]["content-type"], made["headers"]["content-length"]
    else:
        made["body"] = body
        made["headers"]["content-length"] = str(len(body.encode()))
    return made


@dataclass(frozen=True, slots=True)
class Answer:
    """What a handler gave back for an HTTP event; ``text`` is an image's Base64."""

    status: int
    headers: dict[str, str]
    text: str

    @property
    def json(self) -> Any:
        return json.loads(self.text)


class HttpClient:
    """Calls a handler as an HTTP API would."""

    def __init__(self, handler: Callable[[dict[str, Any], Any], dict[str, Any]]) -> None:
        self._handler = handler

    def send(self, made: dict[str, Any]) -> Answer:
        found = self._handler(made, CONTEXT)
        assert found["isBase64Encoded"] == found["headers"].get("content-type", "").startswith("image/")
        return Answer(found["statusCode"], found["headers"], found["body"])

    def get(self, path: str, **options: str) -> Answer:
        return self.send(event("GET", path, **options))

    def post(self, path: str, content: Any, **options: str) -> Answer:
        """POST ``content`` as JSON, or as it is where it is text."""
        return self.send(event("POST", path, content if isinstance(content, str) else json.dumps(content), **options))
