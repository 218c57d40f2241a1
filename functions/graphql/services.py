"""The protocols that the same model answers on, as GraphQL tells them."""

from __future__ import annotations

from dataclasses import asdict

import strawberry

from stellar_service.protocols import survey


@strawberry.type(description="One protocol.")
class Service:
    protocol: str
    address: str | None
    state: str = strawberry.field(description="up, down (it does not answer), or not configured.")
    call: str = strawberry.field(description="How to call it.")


async def services(base_url: str) -> list[Service]:
    """Every protocol. ``base_url`` is where the API was reached."""
    return [Service(**asdict(each)) for each in await survey(base_url, "GraphQL")]
