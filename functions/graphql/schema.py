"""The schema: three queries, two mutations. ``schema.graphql`` is its text (``python export.py`` writes it)."""

from __future__ import annotations

from dataclasses import dataclass, field

import strawberry
from about import Health, Model, describe_health, describe_model
from classifying import ConcurrentExecution, Loader, classify
from errors import ForbiddenError, InvalidInputError
from limits import Limits
from objects import CATALOGUE_ID, CatalogueId, StarClassificationInput, StarClassificationOutput, member
from operations import OneOperation
from services import Service, services
from strawberry.extensions import ParserCache, ValidationCache
from strawberry.schema.config import StrawberryConfig

from stellar import Prediction, Violation
from stellar.roles import Role, may
from stellar_service.limits import MAX_OBJECTS


@dataclass
class Context:
    """What one request's resolvers and extensions share.

    ``base_url`` is where the API was reached, ``operation`` the name that the request gives, ``scopes`` what the caller
    was granted (None where the API asks for no token).
    """

    base_url: str
    operation: str | None = None
    scopes: frozenset[str] | None = None
    loader: Loader = field(default_factory=Loader)

    def require(self, needed: Role) -> None:
        """Raises ForbiddenError where the caller may not do what this role may."""
        if self.scopes is not None and not may(self.scopes, needed):
            raise ForbiddenError(needed)


Info = strawberry.Info[Context, None]


@strawberry.type
class Query:
    @strawberry.field(description="The model in use.")
    async def model(self) -> Model:
        return describe_model()

    @strawberry.field(description="Whether a model answers, and which.")
    async def health(self) -> Health:
        return describe_health()

    @strawberry.field(description="Every protocol: address, state, how to call it.")
    async def services(self, info: Info) -> list[Service]:
        return await services(info.context.base_url)


@strawberry.type
class Mutation:
    @strawberry.mutation(
        graphql_type=StarClassificationOutput | None,
        description="Classify one object. Null where it cannot be; `errors` says why. Several of these in one request, "
        "told apart by aliases, share a model call.",
    )
    async def predict(self, info: Info, features: StarClassificationInput) -> Prediction:
        info.context.require(Role.PREDICTOR)
        return await info.context.loader.load(features)

    @strawberry.mutation(
        graphql_type=list[StarClassificationOutput | None],
        description=f"Classify up to {MAX_OBJECTS:,} objects, in order. "
        "Null for one that cannot be; `errors` says why.",
    )
    async def predict_batch(self, info: Info, features: list[StarClassificationInput]) -> list[Prediction | Exception]:
        info.context.require(Role.PREDICTOR)
        if len(features) > MAX_OBJECTS:
            text = f"{len(features):,} objects were sent; send them in several requests"
            raise InvalidInputError("features", [Violation("", text, f"at most {MAX_OBJECTS:,}")])
        return classify(features, lambda index: f"features[{index}]")


schema = strawberry.Schema(
    query=Query,
    mutation=Mutation,
    extensions=[ParserCache, Limits, ValidationCache, OneOperation],
    execution_context_class=ConcurrentExecution,
    config=StrawberryConfig(scalar_map={CatalogueId: CATALOGUE_ID}, default_resolver=member),
)
