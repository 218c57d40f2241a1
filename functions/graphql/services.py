"""The protocols that the same model answers on: where they are, and whether something listens there now."""

from __future__ import annotations

import asyncio
import os
from urllib.parse import urlsplit

import strawberry

PROBE_SECONDS = 0.5

_DEFAULT_PORTS = {"http": 80, "https": 443}


@strawberry.type(description="One protocol.")
class Service:
    protocol: str
    address: str | None
    state: str = strawberry.field(description="up, down (its address takes no connection), or not configured.")
    call: str = strawberry.field(description="How to call it.")


async def survey(base_url: str) -> list[Service]:
    """Every protocol, tried at the same time. ``base_url`` is where this API answers, so GraphQL is up."""
    topic = os.environ.get("STAR_FEATURES_TOPIC") or "star_features_input"
    others = await asyncio.gather(
        _tried("REST", base_url, 'POST /predict {"features": {…}}'),
        _tried("gRPC", os.environ.get("GRPC_ADDRESS"), "StarClassificationService/Predict"),
        _tried("Kafka", os.environ.get("KAFKA_BOOTSTRAP_SERVERS"), f"produce the object as JSON to {topic}"),
    )
    call = "mutation { predict(features: {…}) { strOutput } }"
    return [Service(protocol="GraphQL", address=f"{base_url}/graphql", state="up", call=call), *others]


async def _tried(protocol: str, address: str | None, call: str) -> Service:
    if not address:
        return Service(protocol=protocol, address=None, state="not configured", call=call)
    listening = any(await asyncio.gather(*map(_listens, address.split(","))))
    return Service(protocol=protocol, address=address, state="up" if listening else "down", call=call)


async def _listens(address: str) -> bool:
    try:
        parts = urlsplit(address if "//" in address else f"//{address}")
        async with asyncio.timeout(PROBE_SECONDS):
            _, writer = await asyncio.open_connection(parts.hostname, parts.port or _DEFAULT_PORTS[parts.scheme])
        writer.close()
    except (OSError, TimeoutError, ValueError, KeyError):
        return False
    return True
