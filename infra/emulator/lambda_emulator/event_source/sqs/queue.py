"""The calls of SQS that a poller makes, by boto3: at ``AWS_ENDPOINT_URL_SQS``, ``AWS_ENDPOINT_URL``, or AWS itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from lambda_emulator.arn import Arn
from lambda_emulator.aws_client import aws_client
from lambda_emulator.threads import in_thread

MAX_RECEIVED = 10  # messages; what one call of SQS gives, deletes or changes
WAIT_SECONDS = 2  # of a long poll. AWS's pollers wait longer; a command that is stopped should not
_ANSWER_SECONDS = 20.0


class QueueError(RuntimeError):
    """SQS does not answer, or refuses; the text is what is shown as the mapping's problem."""


class Queue:
    """One queue, by its ARN. Its methods raise QueueError."""

    def __init__(self, arn: str) -> None:
        parts = Arn.parse(arn)
        self._region, self._name = parts.region, parts.resource
        self._client: Any = None
        self._url = ""

    async def visibility_timeout(self) -> int:
        """Seconds for which a received message is kept from others."""
        return await in_thread(self._visibility_timeout, "sqs")

    async def receive(self, number: int, wait: int) -> list[dict[str, Any]]:
        """Up to so many messages; none where none came within ``wait`` seconds."""
        return await in_thread(lambda: self._receive(number, min(wait, WAIT_SECONDS)), "sqs")

    async def delete(self, handles: Sequence[str]) -> None:
        """Delete messages for good."""
        await in_thread(lambda: self._delete(handles), "sqs")

    async def release(self, handles: Sequence[str]) -> None:
        """Let others have the messages at once."""
        await in_thread(lambda: self._release(handles), "sqs")

    def close(self) -> None:
        """Close the connections."""
        if self._client is not None:
            self._client.close()

    def _visibility_timeout(self) -> int:
        attributes = self._call("get_queue_attributes", AttributeNames=["VisibilityTimeout"])["Attributes"]
        return int(attributes["VisibilityTimeout"])

    def _receive(self, number: int, wait: int) -> list[dict[str, Any]]:
        answer = self._call(
            "receive_message",
            MaxNumberOfMessages=min(number, MAX_RECEIVED),
            WaitTimeSeconds=wait,
            MessageSystemAttributeNames=["All"],
            MessageAttributeNames=["All"],
        )
        messages: list[dict[str, Any]] = answer.get("Messages", [])
        return messages

    def _delete(self, handles: Sequence[str]) -> None:
        for entries in _entries(handles):
            self._raise_failed(self._call("delete_message_batch", Entries=entries))

    def _release(self, handles: Sequence[str]) -> None:
        for entries in _entries(handles):
            changed = [{**entry, "VisibilityTimeout": 0} for entry in entries]
            self._raise_failed(self._call("change_message_visibility_batch", Entries=changed))

    def _raise_failed(self, answer: dict[str, Any]) -> None:
        if failed := answer.get("Failed"):
            raise QueueError(f"{self._name}: {failed[0].get('Message') or failed[0].get('Code')}")

    def _call(self, operation: str, **parameters: Any) -> dict[str, Any]:
        from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError

        try:
            self._client = self._client or self._connect()
            self._url = self._url or self._client.get_queue_url(QueueName=self._name)["QueueUrl"]
            answer: dict[str, Any] = getattr(self._client, operation)(QueueUrl=self._url, **parameters)
        except (BotoCoreError, ClientError, HTTPClientError, OSError) as error:
            self._url = ""  # a queue that was made again may have another one
            raise QueueError(f"{self._name}: {error}") from None
        return answer

    def _connect(self) -> Any:
        return aws_client("sqs", self._region, read_timeout=WAIT_SECONDS + _ANSWER_SECONDS)


def _entries(handles: Sequence[str]) -> Iterator[list[dict[str, Any]]]:
    for start in range(0, len(handles), MAX_RECEIVED):
        part = handles[start : start + MAX_RECEIVED]
        yield [{"Id": str(number), "ReceiptHandle": handle} for number, handle in enumerate(part)]
