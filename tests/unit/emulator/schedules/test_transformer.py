"""Inputs of a rule's target that are made of its event."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from lambda_emulator.schedules.event import scheduled_event
from lambda_emulator.stack import InputTransformer, Schedule

ARN = "arn:aws:events:us-east-1:123456789012:rule/nightly"


def payload(**changes: Any) -> Any:
    schedule = Schedule("Rule", "Hello", "rule", ARN, "arn", "rate(1 day)", **changes)
    return json.loads(scheduled_event(schedule, datetime(2026, 3, 1, tzinfo=UTC)))


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ('{"at": <time>, "all": <resources>}', {"at": "2026-03-01T00:00:00Z", "all": [ARN]}),
        ('{"text": "at <time> by <first>"}', {"text": f"at 2026-03-01T00:00:00Z by {ARN}"}),
        ('"all of <resources>, \\"<time>\\""', f'all of ["{ARN}"], "2026-03-01T00:00:00Z"'),
        (
            '{"rule": "<aws.events.rule-name>", "none": <none>, "odd": "<unknown>"}',
            {"rule": "nightly", "none": "", "odd": "<unknown>"},
        ),
        ("[1, 2]", [1, 2]),
    ],
)
def test_variables_are_put_in_as_text_or_as_json(template: str, expected: Any) -> None:
    paths = {"time": "$.time", "resources": "$.resources", "first": "$.resources[0]", "none": "$.detail.none"}
    assert payload(transformer=InputTransformer(template, paths)) == expected


def test_the_whole_event_may_be_put_in() -> None:
    made = payload(transformer=InputTransformer('{"event": <aws.events.event.json>}'))
    assert made["event"]["detail-type"] == "Scheduled Event"


def test_an_input_path_sends_a_part() -> None:
    assert payload(input_path="$.resources[0]") == ARN
    assert payload(input_path="$.detail") == {}
