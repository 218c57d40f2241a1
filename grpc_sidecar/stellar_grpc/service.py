"""The calls of ``StarClassificationService``."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import grpc

from stellar import InvalidObjectError, ModelStore, Outcome, Prediction, Violation, outcomes
from stellar_grpc.batcher import Batcher
from stellar_grpc.converters import decoder, error_message, prediction_message, row_of
from stellar_grpc.gate import Gate
from stellar_grpc.metrics import Metrics
from stellar_grpc.statuses import Behaviour, guarded
from stellar_grpc.streaming import PredictionStream
from stellar_service import contract
from stellar_service.contract import HealthCheckResponse, Message, PredictBatchResponse
from stellar_service.health import health_of
from stellar_service.limits import MAX_OBJECTS

SLICE = 500
"""Objects of a large batch that are classified before other calls get their turn (some milliseconds)."""


class StarClassification:
    """Answers the calls with the model in use at that moment: a swap is seen by the next batch."""

    def __init__(self, store: ModelStore, metrics: Metrics, gate: Gate) -> None:
        self._store = store
        self._gate = gate
        self._metrics = metrics
        self._batcher = Batcher(store, metrics.batch)
        self._streams: set[PredictionStream] = set()

    async def predict(self, features: Message, context: Any) -> Message:
        """One object. Raises InvalidObjectError."""
        outcome = await self._batcher.submit(row_of(features))
        if isinstance(outcome, Prediction):
            return prediction_message(outcome)
        raise InvalidObjectError(outcome)

    async def predict_stream(self, _: Any, context: Any) -> None:
        """Objects as they come."""
        stream = PredictionStream(context, self._batcher, self._gate)
        self._streams.add(stream)
        self._metrics.streams.inc()
        try:
            await stream.run()
        finally:
            self._metrics.streams.dec()
            self._streams.discard(stream)

    async def predict_batch(self, request: Message, context: Any) -> Message:
        """Many objects. Raises InvalidObjectError where there are too many of them, BusyError with those of others."""
        size = len(request.instances)
        if size > MAX_OBJECTS:
            text = f"{size:,} objects were sent; send them in several calls, or by PredictStream"
            raise InvalidObjectError((Violation("instances", text, f"at most {MAX_OBJECTS:,}"),))
        with self._gate.batch(size):
            return PredictBatchResponse(predictions=await self._answers(request.instances))

    async def _answers(self, instances: Sequence[Message]) -> list[Message]:
        classifier = self._store.classifier
        answers: list[Message] = []
        for start in range(0, len(instances), SLICE):
            found = outcomes(classifier, [row_of(features) for features in instances[start : start + SLICE]])
            answers += map(_message, found)
            refused = sum(not isinstance(outcome, Prediction) for outcome in found)
            self._metrics.batch(len(found) - refused, refused)
            await asyncio.sleep(0)  # others' turn; a call whose deadline has passed is cancelled here
        return answers

    async def health_check(self, _: Message, context: Any) -> Message:
        """Which model answers, and whether it is the one that was asked for."""
        found = health_of(self._store)
        return HealthCheckResponse(
            status=found.status,
            message=found.last_error or "The model is ready.",
            model_version=found.model_version,
            model_source=found.source,
        )

    def end_streams(self) -> None:
        """Read no more from any stream. Each ends when all that was read is answered."""
        for stream in self._streams:
            stream.end()

    def handler(self) -> grpc.GenericRpcHandler:
        """All of it, for a server to serve."""
        behaviours: dict[str, Behaviour] = {
            "Predict": self.predict,
            "PredictStream": self.predict_stream,
            "PredictBatch": self.predict_batch,
            "HealthCheck": self.health_check,
        }
        handlers = {
            method.name: _rpc_handler(method, guarded(method.name, behaviours[method.name], self._gate, self._metrics))
            for method in contract.SERVICE.methods
        }
        return grpc.method_handlers_generic_handler(contract.SERVICE.full_name, handlers)


def _message(outcome: Outcome) -> Message:
    return prediction_message(outcome) if isinstance(outcome, Prediction) else error_message(outcome)


def _rpc_handler(method: Any, behaviour: Behaviour) -> grpc.RpcMethodHandler:
    streams = method.client_streaming and method.server_streaming
    make = grpc.stream_stream_rpc_method_handler if streams else grpc.unary_unary_rpc_method_handler
    return make(
        behaviour,
        request_deserializer=decoder(contract.message_class(method.input_type)),
        response_serializer=contract.message_class(method.output_type).SerializeToString,
    )
