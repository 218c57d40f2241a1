"""The calls of the REST API. Handlers are ``async`` throughout: they compute, and a thread would only cost time."""

from __future__ import annotations

import json
from dataclasses import asdict
from http import HTTPStatus
from typing import Any

import orjson
from body import member
from fastapi import APIRouter, Request, Response
from model import model
from problems import ProblemError, invalid, row_problems, violation
from telemetry import telemetry

from stellar import InvalidObjectError, Violation, validate, validate_one
from stellar_service.limits import MAX_OBJECTS
from stellar_service.protocols import survey

MAX_RESPONSE = 6_291_556
"""Bytes of a function's response. "Lambda quotas", AWS Lambda Developer Guide."""

_RESPONSE_FRAME = 1024
"""Bytes of a response that are not its body: status and headers."""

router = APIRouter()


def _json(content: object, status: int = HTTPStatus.OK) -> Response:
    return Response(orjson.dumps(content), status, media_type="application/json")


# Routes are tried in this order: those that are called most come first.


@router.post("/predict/", include_in_schema=False)
@router.post("/predict", summary="Classify one object", tags=["classify"])
async def predict(request: Request) -> Response:
    """Without a `redshift` (null or left out) the photometric model answers, and `model_variant` says so."""
    features = await member(request, "features")
    try:
        valid = validate_one(features)
    except InvalidObjectError as error:
        raise invalid([violation("features", found) for found in error.violations]) from None
    prediction = model.classifier().classify_one(valid)
    telemetry.count(Predictions=1)
    return _json(prediction)


@router.post("/predict/batch/", include_in_schema=False)
@router.post("/predict/batch", summary=f"Classify up to {MAX_OBJECTS:,} objects", tags=["classify"])
async def predict_batch(request: Request) -> Response:
    """`predictions[i]` belongs to `instances[i]`; it is null for a row that is wrong, and `errors` says why."""
    rows = await member(request, "instances")
    if not isinstance(rows, list):
        raise invalid([violation("instances", Violation("", "A list of objects is expected"))])
    if len(rows) > MAX_OBJECTS:
        raise _too_large(f"{len(rows):,} instances were sent, {MAX_OBJECTS:,} is the most")
    batch = validate(rows)
    if batch.errors and not len(batch):
        raise invalid([violation(f"instances[{row.index}]", found) for row in batch.errors for found in row.violations])
    predictions: list[Any] = model.classifier().classify(batch)
    if batch.errors:
        placed: list[Any] = [None] * len(rows)
        for index, prediction in zip(batch.indices.tolist(), predictions, strict=True):
            placed[index] = prediction
        predictions = placed
    telemetry.count(Predictions=len(batch))
    response = _json({"predictions": predictions, "errors": row_problems(batch.errors)})
    if not _fits(bytes(response.body)):
        raise _too_large("The answer is beyond Lambda's 6 MB")
    return response


@router.get("/", summary="What this is, and where to go on", tags=["service"])
async def root(request: Request) -> Response:
    """Name, version and links."""
    base = str(request.base_url).rstrip("/")
    names = ("docs", "redoc", "openapi.json", "services", "health", "model", "graphql")
    return _json(
        {"name": request.app.title, "version": request.app.version, "links": {n: f"{base}/{n}" for n in names}}
    )


@router.get("/services", summary="Every protocol: address, state, how to call it", tags=["service"])
async def services(request: Request) -> Response:
    """The other protocols are really tried, with a short time limit."""
    found = await survey(str(request.base_url).rstrip("/"), "REST")
    return _json({"services": [asdict(each) for each in found]})


@router.get("/health", summary="Whether a model answers, and which", tags=["service"])
async def health() -> Response:
    """200 while a model answers, 503 without one. `degraded` means that the champion in S3 could not be used."""
    found = model.health()
    if found.status == "unavailable":
        return _json({"status": found.status}, HTTPStatus.SERVICE_UNAVAILABLE)
    return _json(asdict(found))


@router.get("/model", summary="The model in use", tags=["service"])
async def describe_model() -> Response:
    """Version, metrics on unseen rows, features, training data and hashes."""
    manifest = model.classifier().manifest
    return _json({**manifest.model_dump(mode="json"), "sha256": manifest.files["model.onnx"].sha256})


def _fits(body: bytes) -> bool:
    """Whether Lambda can give this body back, which travels as a JSON string: escaped characters make it longer."""
    return len(body) < MAX_RESPONSE // 2 or len(json.dumps(body.decode())) < MAX_RESPONSE - _RESPONSE_FRAME


def _too_large(what: str) -> ProblemError:
    return ProblemError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"{what}; send them in several requests.")
