"""The calls for event source mappings, passed on to the process that keeps the mappings: ``start-esm``."""

from __future__ import annotations

from lambda_emulator.asgi import JSON_TYPE, Reply
from lambda_emulator.http_client import async_client
from lambda_emulator.invoke_api.router import Router
from lambda_emulator.invoke_api.wire import Call, NotImplementedLocallyError, require_json

PATH = "/2015-03-31/event-source-mappings"
DEFAULT_ENDPOINT = "http://127.0.0.1:9464"
"""Where ``start-esm`` listens unless it is told otherwise."""
_SECONDS = 10.0
_ERROR_TYPE = "x-amzn-errortype"


def forwarding_router(endpoint: str) -> Router:
    """Create-, Get-, List-, Update- and DeleteEventSourceMapping, answered by the process at ``endpoint``."""

    async def forward(call: Call) -> Reply:
        if call.method in ("POST", "PUT"):
            require_json(call)  # the call that is passed on says so of itself
        return await _ask(endpoint.rstrip("/"), call)

    router = Router()
    for method in ("GET", "POST"):
        router.add(method, PATH, forward)
    for method in ("GET", "PUT", "DELETE"):
        router.add(method, f"{PATH}/{{UUID}}", forward)
    return router


async def _ask(endpoint: str, call: Call) -> Reply:
    import httpx

    try:
        async with async_client(endpoint, _SECONDS) as mappings:
            answer = await mappings.request(
                call.method,
                f"{endpoint}{call.path}",
                params=call.query,
                content=call.body or None,
                headers={"content-type": "application/json"},
            )
    except (httpx.HTTPError, httpx.InvalidURL):
        # Not 503: an SDK would try that one again for several seconds.
        raise NotImplementedLocallyError(
            f"Event source mappings are kept by start-esm, and nothing answers at {endpoint}. "
            "Start it, or name its address with --esm-endpoint."
        ) from None
    headers = [JSON_TYPE]
    if answer.is_error:
        headers.append((_ERROR_TYPE.encode(), answer.headers.get(_ERROR_TYPE, "ServiceException").encode()))
    return Reply(answer.status_code, answer.content, headers)
