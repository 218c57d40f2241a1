"""The protocols that the same model answers on: where they are, how to call them, and whether they answer now."""

from __future__ import annotations

import asyncio
import os
from dataclasses import asdict, dataclass
from urllib.parse import urlsplit

PROBE_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Service:
    """One protocol. ``state`` is ``up``, ``down``, or ``not configured`` where its address is not known here."""

    protocol: str
    address: str | None
    state: str
    call: str


async def _answers(address: str) -> bool:
    """Whether something listens at the first of the addresses."""
    first = address.split(",")[0]
    parts = urlsplit(first if "//" in first else f"//{first}")
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        async with asyncio.timeout(PROBE_SECONDS):
            _, writer = await asyncio.open_connection(parts.hostname, port)
        writer.close()
    except (OSError, TimeoutError):
        return False
    return True


async def _probed(protocol: str, address: str | None, call: str) -> Service:
    if not address:
        return Service(protocol, None, "not configured", call)
    return Service(protocol, address, "up" if await _answers(address) else "down", call)


async def survey(base_url: str) -> list[dict[str, str | None]]:
    """Every protocol, probed at the same time. REST is up: it is the one that answers."""
    kafka = os.environ.get("KAFKA_BOOTSTRAP_SERVERS")
    topic = os.environ.get("STAR_FEATURES_TOPIC", "star_features_input")
    others = await asyncio.gather(
        _probed("GraphQL", os.environ.get("GRAPHQL_URL"), "mutation { predict(features: {…}) { strOutput } }"),
        _probed("gRPC", os.environ.get("GRPC_ADDRESS"), "StarClassificationService/Predict"),
        _probed("Kafka", kafka, f"produce the object as JSON to {topic}"),
    )
    rest = Service("REST", base_url, "up", 'POST /predict {"features": {…}}')
    return [asdict(service) for service in (rest, *others)]
