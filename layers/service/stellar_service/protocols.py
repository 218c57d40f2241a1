"""The protocols that the same model answers on: where they are, how to call them, and whether they answer now."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal

from stellar_service.probes import graphql_answers, grpc_answers, kafka_answers, rest_answers
from stellar_service.topics import features_topic

State = Literal["up", "down", "not configured"]
Probe = Callable[[str], Awaitable[bool]]


@dataclass(frozen=True, slots=True)
class Protocol:
    """One protocol. It is not configured where its address is not known here, and has none then."""

    protocol: str
    address: str | None
    state: State
    call: str


async def survey(base_url: str, answering: Literal["REST", "GraphQL"]) -> list[Protocol]:
    """Every protocol, the one that is ``answering`` first; the others are probed at the same time.

    ``base_url`` is where the API was reached.
    """

    async def probed(protocol: str, address: str | None, answers: Probe, call: str) -> Protocol:
        if not address:
            return Protocol(protocol, None, "not configured", call)
        up = protocol == answering or await answers(address)
        return Protocol(protocol, address, "up" if up else "down", call)

    graphql = f"{base_url}/graphql"
    if answering != "GraphQL":
        graphql = os.environ.get("GRAPHQL_URL") or graphql
    found = await asyncio.gather(
        probed("REST", base_url, rest_answers, 'POST /predict {"features": {…}}'),
        probed("GraphQL", graphql, graphql_answers, "mutation { predict(features: {…}) { strOutput } }"),
        probed("gRPC", os.environ.get("GRPC_ADDRESS"), grpc_answers, "StarClassificationService/Predict"),
        probed(
            "Kafka",
            os.environ.get("KAFKA_BOOTSTRAP_SERVERS"),
            kafka_answers,
            f"produce the object as JSON to {features_topic()}",
        ),
    )
    return sorted(found, key=lambda each: each.protocol != answering)
