"""Calls functions over the Lambda Invoke API: the local runtime's, ``sam local start-lambda``'s, LocalStack's, AWS's.

botocore does it: it signs, keeps connections alive and knows every endpoint, for one millisecond of processor time a
call. A call is never retried here, since whether it may be is the processor's to say.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from lambda_emulator.aws_client import aws_client
from lambda_emulator.threads import in_thread

CONNECT_SECONDS = 5.0
ANSWER_SECONDS = 930.0  # somewhat more than the 15 minutes that a function may take


@dataclass(frozen=True, slots=True)
class Answer:
    """What an invocation came to. ``function_error`` is set where the function failed."""

    request_id: str
    payload: bytes
    function_error: str | None = None
    executed_version: str = "$LATEST"


class InvokeError(RuntimeError):
    """The function was not run, or nobody knows whether it was: no fault of the function's, so no attempt of its own.

    ``throttled`` is set where the service asked for fewer calls.
    """

    def __init__(self, message: str, *, throttled: bool = False) -> None:
        super().__init__(message)
        self.throttled = throttled


class PayloadTooLargeError(RuntimeError):
    """The service takes no payload of this size."""


class Sender(Protocol):
    """Runs a function once."""

    async def invoke(self, function: str, payload: bytes) -> Answer:
        """Raises InvokeError and PayloadTooLargeError."""

    def close(self) -> None: ...


class LambdaSender:
    """The real one. ``endpoint_url`` None is AWS itself, with the credentials of the environment."""

    def __init__(self, endpoint_url: str | None, *, region: str | None = None, connections: int = 64) -> None:
        self._client = aws_client(
            "lambda",
            region,
            endpoint_url=endpoint_url,
            connect_timeout=CONNECT_SECONDS,
            read_timeout=ANSWER_SECONDS,
            retries={"total_max_attempts": 1},
            max_pool_connections=connections,
            parameter_validation=False,
            tcp_keepalive=True,
        )

    async def invoke(self, function: str, payload: bytes) -> Answer:
        return await in_thread(lambda: self._invoke(function, payload), "invoke")

    def close(self) -> None:
        """Close the connections that nobody uses."""
        self._client.close()

    def _invoke(self, function: str, payload: bytes) -> Answer:
        from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError

        try:
            response = self._client.invoke(FunctionName=function, Payload=payload)
            body = response["Payload"].read()
        except ClientError as error:
            raise _translate(error) from None
        except (BotoCoreError, HTTPClientError, OSError) as error:
            raise InvokeError(f"{function} cannot be invoked: {error}") from None
        return Answer(
            response["ResponseMetadata"].get("RequestId", ""),
            body,
            response.get("FunctionError"),
            response.get("ExecutedVersion", "$LATEST"),
        )


def _translate(error: Any) -> InvokeError | PayloadTooLargeError:
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    if status == 413:
        return PayloadTooLargeError(str(error))
    return InvokeError(str(error), throttled=status == 429)
