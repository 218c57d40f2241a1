"""The one interface between the servers (HTTP API, Invoke API) and the runtime behind them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from lambda_emulator.stack import Function

LATEST = "$LATEST"
MAX_SYNC_PAYLOAD = 6_291_556  # bytes, request and response; "Lambda quotas", AWS Lambda Developer Guide


class FunctionNotFoundError(LookupError):
    """No function of that name, ARN or qualifier is in the stack."""


class TooManyRequestsError(RuntimeError):
    """The invocation was throttled.

    ``reason`` is AWS's own: ``ReservedFunctionConcurrentInvocationLimitExceeded`` where the function's reserved
    concurrency is used up, ``ConcurrentInvocationLimitExceeded`` where the whole runtime's is.
    """

    def __init__(self, reason: str) -> None:
        super().__init__("Rate Exceeded.")
        self.reason = reason


class TenantError(ValueError):
    """The invocation names no tenant and its function needs one, or the other way round; the text is AWS's."""


class ServiceClosedError(RuntimeError):
    """The runtime is shutting down and takes no more invocations."""


@dataclass(frozen=True, slots=True)
class InvocationResult:
    """What one invocation came to.

    ``payload`` is the handler's JSON, or Lambda's JSON error object where ``function_error`` is set (always
    ``"Unhandled"``: a Python function's errors have no other value). ``log_tail`` is the last 4 KiB of the
    invocation's log, platform lines included. Durations are in milliseconds; ``init_ms`` is None on a warm start.
    """

    request_id: str
    payload: bytes
    function_error: str | None = None
    log_tail: bytes = b""
    duration_ms: float = 0.0
    init_ms: float | None = None
    executed_version: str = LATEST
    durable_execution_arn: str | None = None  # of a durable function's execution


class Invoker(Protocol):
    """Runs functions. ``runtime.LambdaService`` is the real one."""

    def functions(self) -> list[Function]:
        """Every function of the stack, in the template's order."""

    def resolve(self, reference: str, qualifier: str | None = None) -> Function:
        """The function that a name, logical id, partial ARN, full ARN or ``name:qualifier`` means.

        Raises FunctionNotFoundError.
        """

    async def invoke(
        self,
        reference: str,
        payload: bytes,
        *,
        qualifier: str | None = None,
        client_context: str | None = None,
        request_id: str | None = None,
        trace_id: str | None = None,
        tenant_id: str | None = None,
    ) -> InvocationResult:
        """Run the function once, synchronously, and give what it came to.

        ``client_context`` is JSON text (already base64-decoded). ``tenant_id`` names a tenant, for a function that
        isolates them. A function that raises, times out, exits or runs out of memory is a result with
        ``function_error``, not an exception. A caller that is cancelled (it has waited long enough) does not stop the
        invocation, which runs to its own end as on AWS.

        Raises FunctionNotFoundError, TenantError, TooManyRequestsError, ServiceClosedError.
        """


def check_tenant(function: Function, tenant_id: str | None) -> None:
    """Check that a tenant is named where the function isolates tenants, and only there. Raises TenantError."""
    if function.tenant_isolation and not tenant_id:
        raise TenantError(
            "The invoked function is enabled with tenancy configuration. "
            "Add a valid tenant ID in your request and try again."
        )
    if tenant_id and not function.tenant_isolation:
        raise TenantError(
            "The invoked function is not enabled with tenancy configuration. "
            "Remove the tenant ID from your request and try again."
        )
