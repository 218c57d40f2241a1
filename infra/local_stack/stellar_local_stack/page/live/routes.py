"""The stream's HTTP calls: watch it, ask for its state, start and stop the feed."""

from __future__ import annotations

from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from stellar_local_stack.page.live.feed import FASTEST
from stellar_local_stack.page.live.stream import LiveStream

_LARGEST_BODY = 1024  # bytes


def routes(stream: LiveStream) -> list[Route]:
    """The routes below ``/live``."""

    async def events(request: Request) -> Response:
        last = request.headers.get("last-event-id", "")
        headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
        return StreamingResponse(
            stream.watch(int(last) if last.isascii() and last.isdigit() else 0),
            media_type="text/event-stream",
            headers=headers,
        )

    async def status(_: Request) -> Response:
        state = await stream.state()
        return _json({"kafka": "up" if state.up else "down", "detail": state.detail})

    async def feed(request: Request) -> Response:
        if request.method == "DELETE":
            return await _stop(stream)
        coding = request.headers.get("content-encoding", "identity")
        if coding.lower() != "identity":
            return _problem(415, f"The body is sent as {coding[:64]!r}; send it without Content-Encoding.")
        try:
            rate = await _rate(request)
        except ValueError as error:
            return _problem(422, str(error))
        state = await stream.state()
        if not state.up:
            return _problem(503, f"Nothing can be fed: {state.detail}.")
        await stream.start_feed(rate)
        return _json({"feeding": True, "rate": rate})

    return [
        Route("/live/events", events, methods=["GET"]),
        Route("/live/status", status, methods=["GET"]),
        Route("/live/feed", feed, methods=["POST", "DELETE"]),
    ]


async def _stop(stream: LiveStream) -> Response:
    await stream.stop_feed()
    return _json({"feeding": False, "rate": 0})


async def _rate(request: Request) -> int:
    """The rate that the body asks for. Raises ValueError."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > _LARGEST_BODY:
            raise ValueError("The body is too large.")
    try:
        content = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise ValueError('The body is not JSON. Send {"rate": 20}.') from None
    rate = content.get("rate") if isinstance(content, dict) else None
    if not isinstance(rate, int) or isinstance(rate, bool) or not 1 <= rate <= FASTEST:
        raise ValueError(f"rate is the number of objects each second, a whole number from 1 to {FASTEST}.")
    return rate


def _json(content: Any) -> Response:
    return JSONResponse(content, headers={"cache-control": "no-store"})


def _problem(status: int, detail: str) -> Response:
    """A problem document (RFC 9457), as the API gives them too."""
    return JSONResponse({"status": status, "detail": detail}, status, media_type="application/problem+json")
