"""The object and the answer as GraphQL types, made from the layer's table of fields."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NewType

import strawberry
from graphql import GraphQLError
from strawberry.types.arguments import InputContext
from strawberry.types.scalar import ScalarDefinition

from stellar import FIELDS, StarFeatures
from stellar.schema import DIGITS, FIELD_BY_NAME, MAGNITUDE_SYSTEM, FieldSpec, digits

CatalogueId = NewType("CatalogueId", object)


def _identifier(value: object) -> int | float:
    """A number as it is; text of digits as the integer that it spells. Raises GraphQLError."""
    if isinstance(value, str) and re.fullmatch(DIGITS, value):
        return int(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    # Any other error in a literal of the document would pass for a failure of the service.
    raise GraphQLError(f"A number is expected, or its digits as text, not {repr(value)[:64]}")


CATALOGUE_ID: ScalarDefinition = strawberry.scalar(
    name="CatalogueID",
    description=(
        "A 64-bit identifier of the catalogue. An integer is kept exact, and a float is taken too. Where the client's "
        "numbers have no 64 bits, as in JavaScript, send the digits as text."
    ),
    serialize=digits,
    parse_value=_identifier,
)


def _annotation(field: FieldSpec) -> Any:
    kind: Any = CatalogueId if field.identifier else field.type
    return kind if field.required else kind | None


def _described(name: str) -> str:
    limit = FIELD_BY_NAME[name].limit.replace(name, FIELD_BY_NAME[name].graphql_name)
    return f"{StarFeatures.model_fields[name].description}. {limit}."


def _input_type() -> Any:
    members: dict[str, Any] = {"__annotations__": {field.name: _annotation(field) for field in FIELDS}}
    for field in FIELDS:
        default: dict[str, Any] = {} if field.required else {"default": None}
        members[field.name] = strawberry.field(name=field.graphql_name, description=_described(field.name), **default)
    # A required field may follow one that is not: the constructor is never called.
    made: Any = strawberry.input(
        type("StarClassificationInput", (), members),
        description="One observed object. Only u, g, r, i and z are required: without `redshift` the photometric model "
        f"answers, and the other fields travel with the object.\n\n{MAGNITUDE_SYSTEM}",
    )
    made.__strawberry_definition__.from_input = _row
    return made


def _row(_kind: type, given: Mapping[str, Any], _context: InputContext) -> dict[str, Any]:
    """What resolvers get for an input object: the row that the layer validates.

    Strawberry would make an object of each, field by field, in longer than it takes to classify it.
    """
    return {name: given.get(graphql_name) for name, graphql_name in GRAPHQL_NAMES.items()}


GRAPHQL_NAMES = {field.name: field.graphql_name for field in FIELDS}

StarClassificationInput = _input_type()


@strawberry.type(description="Calibrated probabilities, which sum to 1.")
class Probabilities:
    GALAXY: float
    QSO: float
    STAR: float


@strawberry.type(description="What an object is. Resolved from the layer's `Prediction`.")
class StarClassificationOutput:
    int_output: int = strawberry.field(description="0, 1 or 2: the place of the class in `model { classes }`.")
    str_output: str = strawberry.field(description="Galaxy, OSO (quasi-stellar object) or Star.")
    label: str = strawberry.field(description="The catalogue's own names: GALAXY, QSO or STAR.")
    probabilities: Probabilities
    model_version: str
    model_variant: str = strawberry.field(description="spectroscopic, or photometric where there is no redshift.")
    warnings: list[str] = strawberry.field(description="What is odd about the measured values.")
    novelty: float | None = strawberry.field(
        description="How unlike the training objects it is, in [0, 1]. Null where the model cannot tell."
    )
    reliable: bool | None = strawberry.field(
        description="Whether it is like enough to them for the answer to be trusted. Null where the model cannot tell."
    )
    obj_ID: CatalogueId | None = strawberry.field(  # noqa: N815 - the name that the prediction has
        name="objID", description="The object's own, if it came with one."
    )
    spec_obj_ID: CatalogueId | None = strawberry.field(  # noqa: N815
        name="specObjID", description="That of its spectrum."
    )


def member(source: Any, name: str) -> Any:
    """The value of a field: the layer's answers are objects, and mappings within them."""
    return source[name] if isinstance(source, dict) else getattr(source, name)
