"""Who may call what, where tokens are asked for. Calls that may not run end before their messages are read.

The standard health service and reflection are open: load balancers and tools have no tokens, and both tell what the
project's documentation tells too.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import grpc

from stellar.roles import Role, may
from stellar_grpc.metrics import Metrics
from stellar_grpc.tokens import InvalidTokenError, TokenVerifier
from stellar_service import contract

NEEDED = {"HealthCheck": Role.READER}
"""The role that a call of the classifier needs, if it is not that of a predictor."""

_PREFIX = f"/{contract.SERVICE.full_name}/"


class CallerCheck(grpc.aio.ServerInterceptor):  # type: ignore[misc]  # grpc has no types
    """Lets a call of the classifier through if its token is valid and has the role that the call needs."""

    def __init__(self, verifier: TokenVerifier, metrics: Metrics) -> None:
        self._verifier = verifier
        self._metrics = metrics

    async def intercept_service(
        self, continuation: Callable[[Any], Awaitable[Any]], handler_call_details: grpc.HandlerCallDetails
    ) -> Any:
        """The call's handler, or one that refuses it."""
        path = handler_call_details.method
        if not path.startswith(_PREFIX):
            return await continuation(handler_call_details)
        name = path.removeprefix(_PREFIX)
        needed = NEEDED.get(name, Role.PREDICTOR)
        authorization = dict(handler_call_details.invocation_metadata).get("authorization")
        if authorization is None:
            return self._refusal(name, grpc.StatusCode.UNAUTHENTICATED, "Send a token: authorization: Bearer …")
        try:
            scopes = await self._verifier.scopes(_token(authorization))
        except InvalidTokenError as error:
            return self._refusal(name, grpc.StatusCode.UNAUTHENTICATED, str(error))
        if not may(scopes, needed):
            text = f"{name} needs the role {needed}, and the token's scopes do not have it."
            return self._refusal(name, grpc.StatusCode.PERMISSION_DENIED, text)
        return await continuation(handler_call_details)

    def _refusal(self, name: str, code: grpc.StatusCode, text: str) -> grpc.RpcMethodHandler:
        async def refuse(_: Any, context: Any) -> None:
            self._metrics.called(name if name in _METHODS else "other", code.name, 0.0)
            await context.abort(code, text)

        # A handler of streams serves every kind of call, and reads no message before it has to.
        return grpc.stream_stream_rpc_method_handler(refuse)


_METHODS = frozenset(method.name for method in contract.SERVICE.methods)


def _token(authorization: str | bytes) -> str:
    text = authorization.decode("latin-1") if isinstance(authorization, bytes) else authorization
    return text.removeprefix("Bearer ").removeprefix("bearer ").strip()
