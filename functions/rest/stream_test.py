"""``POST /stream/test``: puts one object on the Kafka topic that the stream function reads."""

from __future__ import annotations

import asyncio
from functools import lru_cache
from http import HTTPStatus
from typing import TYPE_CHECKING

import orjson
from body import content
from brokers import client_settings
from fastapi import APIRouter, Request, Response
from problems import ProblemError, invalid, violation
from telemetry import logger

from stellar import InvalidObjectError, validate_one
from stellar.secrets import SecretError
from stellar_service.topics import features_topic

if TYPE_CHECKING:
    from kafka import KafkaProducer

SEND_SECONDS = 10.0

router = APIRouter()


@router.post(
    "/stream/test", summary="Put one object on the Kafka topic", tags=["classify"], status_code=HTTPStatus.ACCEPTED
)
@router.post("/stream/test/", include_in_schema=False)
async def stream_test(request: Request) -> Response:
    """The body is the bare object. The answer says where its record is; its prediction comes on the output topic."""
    row = await content(request)
    try:
        validate_one(row)
    except InvalidObjectError as error:
        raise invalid([violation("", found) for found in error.violations]) from None
    place = await asyncio.to_thread(_send, orjson.dumps(row))
    return Response(orjson.dumps(place), HTTPStatus.ACCEPTED, media_type="application/json")


@lru_cache(maxsize=1)
def _producer() -> KafkaProducer:
    """Made at the first call and kept: neither its import nor its connection delays a cold start."""
    from kafka import KafkaProducer

    return KafkaProducer(
        **client_settings(),
        max_block_ms=int(1000 * SEND_SECONDS),
        request_timeout_ms=int(1000 * SEND_SECONDS),
        delivery_timeout_ms=int(1000 * SEND_SECONDS),
    )


def _send(value: bytes) -> dict[str, str | int]:
    """Write one record and wait for its acknowledgement. Raises ProblemError (503)."""
    from kafka.errors import KafkaError

    try:
        record = _producer().send(features_topic(), value).get(timeout=SEND_SECONDS)
    except (KafkaError, SecretError) as error:
        logger.warning("the record was not written", extra={"reason": repr(error)})
        detail = "Kafka does not take the record now; GET /services tells whether a broker answers."
        raise ProblemError(HTTPStatus.SERVICE_UNAVAILABLE, detail) from None
    return {"topic": record.topic, "partition": record.partition, "offset": record.offset}
