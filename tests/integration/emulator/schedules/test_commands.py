"""``start-schedules`` as a user runs it, before a real Lambda API."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from support import up
from support.commands import Served, run, serving
from support.kafka import until
from support.terminal import Terminal

TEMPLATE = """
Transform: AWS::Serverless-2016-10-31
Resources:
  Tick:
    Type: AWS::Serverless::Function
    Properties:
      Handler: index.handler
      Runtime: python3.11
      InlineCode: |
        import json
        def handler(event, context):
            print("got " + json.dumps(event))
            if event == "fail":
                raise ValueError("as told")
      Events:
        Soon: {Type: ScheduleV2, Properties: {ScheduleExpression: rate(1 day)}}
        Off: {Type: Schedule, Properties: {Schedule: rate(1 minute), Enabled: false, Input: '{"by": "hand"}'}}
        Failing: {Type: Schedule, Properties: {Schedule: rate(1 day), Input: '"fail"'}}
"""


@pytest.fixture
def functions(tmp_path: Path) -> Iterator[Served]:
    """``start-lambda`` over the template."""
    (tmp_path / "template.yaml").write_text(TEMPLATE)
    with serving(tmp_path, "start-lambda", "--async-time-scale", "0.001") as served:
        yield served


async def test_a_schedule_invokes_its_function_when_it_is_due(functions: Served, tmp_path: Path) -> None:
    with Terminal(tmp_path, "start-schedules", "--lambda-endpoint", functions.address) as terminal:
        await until(lambda: "Press CTRL+C to quit" in terminal.log)
        assert "Scheduled TickOff to Tick: rate(1 minute), disabled" in terminal.log
        assert "Scheduled TickSoon to Tick: rate(1 day), next run " in terminal.log
        await until(lambda: "Ran TickSoon, due at" in terminal.log)
        await until(lambda: '"source": "aws.scheduler"' in functions.log)
        assert terminal.end(signal.SIGINT) == 0
    assert "Ran TickOff" not in terminal.log


def test_one_schedule_is_run_at_once_and_tells_in_json(functions: Served, tmp_path: Path) -> None:
    ended = run(tmp_path, "start-schedules", "--lambda-endpoint", functions.address, "--once", "TickOff", "--json")
    assert ended.returncode == 0, ended.stderr
    said: dict[str, Any] = json.loads(ended.stdout)
    assert (said["event"], said["schedule"], said["accepted"], said["attempts"]) == ("run", "TickOff", True, 1)
    functions.wait_for('got {"by": "hand"}')


def test_a_failing_function_is_tried_again_as_its_own_configuration_says(functions: Served, tmp_path: Path) -> None:
    ended = run(tmp_path, "start-schedules", "--lambda-endpoint", functions.address, "--once", "TickFailing")
    assert ended.returncode == 0, ended.stderr
    functions.wait_for("RetriesExhausted")
    up.until(lambda: functions.log.count('got "fail"') >= 3)  # what a function prints comes on a way of its own
    assert functions.log.count('got "fail"') == 3


def test_what_cannot_be_run_is_said(tmp_path: Path) -> None:
    (tmp_path / "template.yaml").write_text(TEMPLATE)
    unknown = run(tmp_path, "start-schedules", "--once", "Nothing")
    assert unknown.returncode == 1
    assert b"There is no schedule Nothing. The template has: TickOff, TickFailing, TickSoon" in unknown.stderr
    nobody = run(tmp_path, "start-schedules", "--lambda-endpoint", "http://127.0.0.1:9", "--once", "TickOff")
    assert nobody.returncode == 1
    assert b"TickOff is given up" in nobody.stderr
