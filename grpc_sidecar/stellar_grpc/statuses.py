"""Errors as gRPC statuses, with details. Mirrors AIP-193, "Errors", and google/rpc/error_details.proto.

Every call goes through ``guarded``: the one place where an exception becomes a status.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Any, NoReturn, TypeAlias

import grpc
from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.message import Message
from google.rpc import code_pb2, error_details_pb2, status_pb2
from grpc_status import rpc_status

from stellar import InvalidObjectError, Violation
from stellar_grpc.converters import summary
from stellar_grpc.gate import Gate, TurnedAwayError, UnavailableError
from stellar_grpc.metrics import Metrics

Behaviour: TypeAlias = Callable[[Any, Any], Awaitable[Any]]
"""A call: its request (or stream of requests) and its ``grpc.aio.ServicerContext`` to its answer."""

_LOG = logging.getLogger(__name__)


def guarded(method: str, behaviour: Behaviour, gate: Gate, metrics: Metrics) -> Behaviour:
    """The call behind the gate, counted, its exceptions mapped to statuses. No stack trace leaves the server."""

    async def call(request: Any, context: Any) -> Any:
        began = time.perf_counter()
        code = "OK"
        try:
            with gate.call(context.peer()):
                if isinstance(request, tuple):  # of violations: see ``converters.decoder``
                    raise InvalidObjectError(request)
                return await behaviour(request, context)
        except InvalidObjectError as error:
            code = "INVALID_ARGUMENT"
            await abort_invalid(context, error.violations)
        except TurnedAwayError as error:
            code = "UNAVAILABLE" if isinstance(error, UnavailableError) else "RESOURCE_EXHAUSTED"
            await abort_turned_away(context, code, error)
        except asyncio.CancelledError:
            code = "CANCELLED"
            raise
        except grpc.aio.InternalError:  # a read or a write failed: the client has left, and there is no one to tell
            code = "CANCELLED"
        except Exception:
            code = "INTERNAL"
            _LOG.exception("%s failed", method)
            await context.abort(grpc.StatusCode.INTERNAL, "The call failed; the server's log says why.")
        finally:
            metrics.called(method, code, time.perf_counter() - began)

    return call


async def abort_invalid(context: Any, violations: Sequence[Violation]) -> NoReturn:
    """End a call with INVALID_ARGUMENT and a ``google.rpc.BadRequest`` that names every field."""
    detail = error_details_pb2.BadRequest(
        field_violations=[
            error_details_pb2.BadRequest.FieldViolation(field=violation.field, description=_described(violation))
            for violation in violations
        ]
    )
    await _abort(context, code_pb2.INVALID_ARGUMENT, summary(violations), detail)


async def abort_turned_away(context: Any, code: str, error: TurnedAwayError) -> NoReturn:
    """End a call with a ``google.rpc.RetryInfo``, after whose delay it may be tried again."""
    detail = error_details_pb2.RetryInfo()
    detail.retry_delay.FromTimedelta(timedelta(seconds=error.retry_seconds))
    await _abort(context, code_pb2.Code.Value(code), str(error), detail)


async def _abort(context: Any, code: int, message: str, detail: Message) -> NoReturn:
    packed = AnyMessage()
    packed.Pack(detail)
    await context.abort_with_status(
        rpc_status.to_status(status_pb2.Status(code=code, message=message, details=[packed]))
    )
    raise AssertionError("abort_with_status has returned")


def _described(violation: Violation) -> str:
    return f"{violation.message} ({violation.limit})" if violation.limit else violation.message
