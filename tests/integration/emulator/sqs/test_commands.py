"""``start-esm`` over a queue, as a user runs it, and killed."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from support.kafka import Lambda, until
from support.queues import bodies, new_queue, sqs, sqs_endpoint
from support.served import servers_of
from support.stacks import stack
from support.terminal import Terminal

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

__all__ = ["sqs", "sqs_endpoint"]

TEMPLATE = """
Transform: AWS::Serverless-2016-10-31
Resources:
  Stream:
    Type: AWS::Serverless::Function
    Properties:
      FunctionName: stream
      Handler: app.handler
      Runtime: python3.11
      InlineCode: "def handler(event, context): pass"
      Events:
        Jobs: {Type: SQS, Properties: {Queue: "%s", BatchSize: 10}}
"""


async def test_messages_of_a_killed_start_esm_come_again(sqs: SQSClient, tmp_path: Path) -> None:
    begun = asyncio.Event()
    hangs = True

    async def hang_at_first(_event: dict[str, Any]) -> None:
        if hangs:
            begun.set()
            await asyncio.Event().wait()

    queue, function = new_queue(sqs, visibility=4), Lambda(hang_at_first)
    (tmp_path / "template.yaml").write_text(TEMPLATE % queue.arn)
    queue.send(*"abc")
    async with servers_of(stack(function.function), function) as addresses:
        arguments = ("start-esm", "--lambda-endpoint", addresses.lambda_api or "", "--metrics-port", "0")
        with Terminal(tmp_path, *arguments) as terminal:
            await until(begun.is_set)
            assert f"Polling {queue.arn.rpartition(':')[2]} for stream (StreamJobs)" in terminal.log
            terminal.end(signal.SIGKILL)
        assert queue.size() == 3
        hangs = False
        function.events.clear()
        with Terminal(tmp_path, *arguments) as terminal:
            await until(lambda: queue.size() == 0, 60)
            assert terminal.end(signal.SIGINT) == 0
    assert {body for event in function.events for body in bodies(event)} == set("abc")
