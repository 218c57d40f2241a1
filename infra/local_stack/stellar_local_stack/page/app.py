"""The page's server as one ASGI application: the live stream, the addresses, and for all else the built files."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from lambda_emulator.origin_guard import OriginGuard
from stellar_local_stack.page.built_files import BuiltFiles
from stellar_local_stack.page.headers import SecurityHeaders
from stellar_local_stack.page.live.routes import routes
from stellar_local_stack.page.live.stream import LiveStream
from stellar_local_stack.page.settings import Settings

_PROBE_SECONDS = 1.0


def create_app(settings: Settings, stream: LiveStream) -> Starlette:
    """The application; it enters and leaves ``stream`` with its own life."""
    files = BuiltFiles(settings.folder, settings.called_origins, settings.api_url)

    async def config(_: Request) -> Response:
        return JSONResponse(settings.for_the_page(), headers={"cache-control": "no-store"})

    async def running(_: Request) -> Response:
        """Which of the MLOps servers take connections: the page links to no other."""
        urls = {"mlflow": settings.mlflow_url, "airflow": settings.airflow_url}
        up = await asyncio.gather(*(_listens(url) for url in urls.values()))
        names = [name for name, is_up in zip(urls, up, strict=True) if is_up]
        return JSONResponse({"running": names}, headers={"cache-control": "no-store"})

    def other(request: Request) -> Response:
        return files.answer(request)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with stream:
            yield

    return Starlette(
        routes=[
            Route("/config.json", config, methods=["GET"]),
            Route("/running.json", running, methods=["GET"]),
            *routes(stream),
            Route("/{path:path}", other, methods=["GET"]),
        ],
        middleware=[
            Middleware(SecurityHeaders, origins=settings.called_origins),
            Middleware(OriginGuard, hosts=_hosts(settings)),
        ],
        lifespan=lifespan,
    )


async def _listens(url: str) -> bool:
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        async with asyncio.timeout(_PROBE_SECONDS):
            _, writer = await asyncio.open_connection(parts.hostname, port)
    except OSError:  # TimeoutError is one too
        return False
    writer.close()
    return True


def _hosts(settings: Settings) -> tuple[str, ...]:
    """Names under which the server may be asked; all of them once it listens on every interface."""
    return ("*",) if settings.host in ("0.0.0.0", "::") else (settings.host, *settings.allowed_hosts)
