"""The OpenAPI document. Handlers read their bodies themselves, so what they take and give is told here."""

from __future__ import annotations

from typing import Any, Literal

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel, Field, TypeAdapter

from stellar import EXAMPLE, Prediction, StarFeatures
from stellar.manifest import Manifest
from stellar_service.limits import MAX_OBJECTS


class PredictRequest(BaseModel):
    """One object to classify."""

    features: StarFeatures  # type: ignore[valid-type]


class BatchRequest(BaseModel):
    """Objects to classify together."""

    instances: list[StarFeatures] = Field(max_length=MAX_OBJECTS)  # type: ignore[valid-type]


class FieldProblem(BaseModel):
    """What is wrong with one field."""

    field: str = Field(examples=["features.redshift"])
    message: str
    limit: str | None = Field(default=None, examples=["-0.1 ≤ redshift ≤ 20"])
    value: Any = None


class Problem(BaseModel):
    """An error (RFC 9457)."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    instance: str
    errors: list[FieldProblem] = []


class RowProblem(BaseModel):
    """What is wrong with one row of a batch."""

    index: int
    violations: list[FieldProblem]
    omitted: int = Field(default=0, description="How many more violations the row has, where so many are not listed")


class BatchAnswer(BaseModel):
    """One entry an instance, in order; null where the row is wrong."""

    predictions: list[Prediction | None]
    errors: list[RowProblem]


class RecordPlace(BaseModel):
    """Where a record was written."""

    topic: str
    partition: int
    offset: int


_MODELS = (StarFeatures, RecordPlace, PredictRequest, BatchRequest, Prediction, BatchAnswer, Problem, Manifest)
_BODIES: dict[str, tuple[str, Any, str, str]] = {
    "/predict": ("PredictRequest", {"features": EXAMPLE}, "200", "Prediction"),
    "/predict/batch": ("BatchRequest", {"instances": [EXAMPLE, {**EXAMPLE, "redshift": None}]}, "200", "BatchAnswer"),
    "/stream/test": ("StarFeatures", EXAMPLE, "202", "RecordPlace"),
}
"""By path: what is taken, an example of it, and the status and model of the answer."""


def _content(model: str, example: Any = None, media_type: str = "application/json") -> dict[str, Any]:
    schema: dict[str, Any] = {"schema": {"$ref": f"#/components/schemas/{model}"}}
    return {"content": {media_type: schema if example is None else schema | {"example": example}}}


def _document(app: FastAPI) -> dict[str, Any]:
    document = get_openapi(
        title=app.title,
        version=app.version,
        description=app.description,
        license_info=app.license_info,
        routes=app.routes,
    )
    adapters: list[tuple[str, Literal["validation"], TypeAdapter[Any]]]
    adapters = [(model.__name__, "validation", TypeAdapter(model)) for model in _MODELS]
    _, schemas = TypeAdapter.json_schemas(adapters, ref_template="#/components/schemas/{model}")
    document.setdefault("components", {})["schemas"] = schemas["$defs"]
    for path, operations in document["paths"].items():
        for operation in operations.values():
            answers = operation["responses"]
            answers["default"] = {"description": "Error"} | _content("Problem", media_type="application/problem+json")
            if path in _BODIES:
                request, example, status, answer = _BODIES[path]
                operation["requestBody"] = {"required": True} | _content(request, example)
                answers[status] = {"description": "Done"} | _content(answer)
    return document


def describe(app: FastAPI) -> None:
    """Make the application serve this document, built on first use."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _document(app)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]
