"""What a rule's ``InputPath`` and ``InputTransformer`` make of its event.

Mirrors "Transforming Amazon EventBridge target input": variables inside of quotes are put in as text, others as JSON.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from lambda_emulator.http_api.mapping.json_path import JsonPathError, find
from lambda_emulator.stack import InputTransformer

_PART = re.compile(r'"(?:[^"\\]|\\.)*"|<([A-Za-z0-9._-]+)>')
_VARIABLE = re.compile(r"<([A-Za-z0-9._-]+)>")


def transformed(event: Mapping[str, Any], transformer: InputTransformer, *, rule_arn: str) -> str:
    """The payload as text. A path that finds nothing gives an empty text."""
    values = {name: _found(event, path) for name, path in transformer.paths.items()}
    values |= {
        "aws.events.rule-arn": rule_arn,
        "aws.events.rule-name": rule_arn.rpartition("/")[2],
        "aws.events.event.ingestion-time": event["time"],
        "aws.events.event": event,
        "aws.events.event.json": event,
    }

    def put(found: re.Match[str]) -> str:
        if found[1] is not None:
            return json.dumps(values[found[1]]) if found[1] in values else found[0]
        return _VARIABLE.sub(lambda inner: _text(values[inner[1]]) if inner[1] in values else inner[0], found[0])

    return _PART.sub(put, transformer.template)


def part_of(event: Mapping[str, Any], path: str) -> str:
    """The part of an event that an ``InputPath`` names, as JSON."""
    return json.dumps(_found(event, path))


def _found(event: Mapping[str, Any], path: str) -> Any:
    try:
        found = find(event, path)
    except JsonPathError:
        found = None
    return "" if found is None else found


def _text(value: Any) -> str:
    """A value inside of a quoted text."""
    return json.dumps(value if isinstance(value, str) else json.dumps(value))[1:-1]
