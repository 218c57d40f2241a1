"""The protocols that the same model answers on: where they are, how to call them, and whether they answer now."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from typing import Literal

from probes import graphql_answers, grpc_answers, kafka_answers

State = Literal["up", "down", "not configured"]


@dataclass(frozen=True, slots=True)
class Service:
    """One protocol. It is not configured where its address is not known here, and has none then."""

    protocol: str
    address: str | None
    state: State
    call: str


async def _probed(protocol: str, address: str | None, answers: Callable[[str], Awaitable[bool]], call: str) -> Service:
    if not address:
        return Service(protocol, None, "not configured", call)
    return Service(protocol, address, "up" if await answers(address) else "down", call)


async def survey(base_url: str) -> list[dict[str, str | None]]:
    """Every protocol, probed at the same time. REST is up: it is the one that answers."""
    topic = os.environ.get("STAR_FEATURES_TOPIC", "star_features_input")
    others = await asyncio.gather(
        _probed(
            "GraphQL",
            os.environ.get("GRAPHQL_URL") or f"{base_url}/graphql",
            graphql_answers,
            "mutation { predict(features: {…}) { strOutput } }",
        ),
        _probed("gRPC", os.environ.get("GRPC_ADDRESS"), grpc_answers, "StarClassificationService/Predict"),
        _probed(
            "Kafka", os.environ.get("KAFKA_BOOTSTRAP_SERVERS"), kafka_answers, f"produce the object as JSON to {topic}"
        ),
    )
    rest = Service("REST", base_url, "up", 'POST /predict {"features": {…}}')
    return [asdict(service) for service in (rest, *others)]
