"""What the mappings of a running ``start-esm`` are doing: ``/metrics`` for Prometheus, ``/status`` for people."""

from __future__ import annotations

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from lambda_emulator.asgi import Reply, json_reply
from lambda_emulator.event_source.service import EventSourceService
from lambda_emulator.invoke_api.router import Router
from lambda_emulator.invoke_api.wire import Call


def create_router(service: EventSourceService) -> Router:
    """Both pages of one service."""

    async def metrics(_call: Call) -> Reply:
        page = generate_latest(service.metrics.registry)
        return Reply(200, page, [(b"content-type", CONTENT_TYPE_LATEST.encode())])

    async def status(_call: Call) -> Reply:
        return json_reply(200, service.status())

    router = Router()
    router.add("GET", "/metrics", metrics)
    router.add("GET", "/status", status)
    return router
