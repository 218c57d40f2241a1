"""Errors as gRPC statuses, with details. Mirrors AIP-193, "Errors", and google/rpc/error_details.proto.

Every call goes through ``guarded``: the one place where an exception becomes a status.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, NoReturn, TypeAlias

import grpc
from google.protobuf.any_pb2 import Any as AnyMessage
from google.rpc import code_pb2, error_details_pb2, status_pb2
from grpc_status import rpc_status

from stellar import InvalidObjectError, Violation
from stellar_grpc.converters import summary
from stellar_grpc.gate import Gate, UnavailableError
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
            gate.enter()
            if isinstance(request, tuple):  # of violations: see ``converters.decoder``
                raise InvalidObjectError(request)
            return await behaviour(request, context)
        except InvalidObjectError as error:
            code = "INVALID_ARGUMENT"
            await abort_invalid(context, error.violations)
        except UnavailableError as error:
            code = "UNAVAILABLE"
            await context.abort(grpc.StatusCode.UNAVAILABLE, str(error))
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
    details = AnyMessage()
    details.Pack(
        error_details_pb2.BadRequest(
            field_violations=[
                error_details_pb2.BadRequest.FieldViolation(field=violation.field, description=_described(violation))
                for violation in violations
            ]
        )
    )
    status = status_pb2.Status(code=code_pb2.INVALID_ARGUMENT, message=summary(violations), details=[details])
    await context.abort_with_status(rpc_status.to_status(status))
    raise AssertionError("abort_with_status has returned")


def _described(violation: Violation) -> str:
    return f"{violation.message} ({violation.limit})" if violation.limit else violation.message
