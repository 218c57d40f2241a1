"""The stage of the API as a path prefix: ``/v1/health`` is the call ``/health`` of the stage ``v1``.

The stage ``$default`` has none. The prefix becomes ASGI's ``root_path``, so that routes match behind it and links
begin with it.
"""

from __future__ import annotations

from typing import Any

from starlette.types import ASGIApp, Receive, Scope, Send


def prefix(event: dict[str, Any]) -> str:
    """The stage's part of the public path of an HTTP API event (payload format 1.0 or 2.0), empty if it has none."""
    context = event.get("requestContext", {})
    stage = f"/{context.get('stage', '')}"
    path = event.get("rawPath") or context.get("path") or ""
    return stage if path == stage or path.startswith(f"{stage}/") else ""


class StagePrefix:
    """ASGI middleware that tells the application the prefix it is behind."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if found := prefix(scope["aws.event"]):
            path = scope["path"]
            scope = {**scope, "root_path": found, "path": f"{found}/" if path == found else path}
        await self._app(scope, receive, send)
