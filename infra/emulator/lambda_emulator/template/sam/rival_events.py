"""Events that claim the same method and path of one API.

AWS refuses a template with two of them. As in ``sam local`` the rest of it runs, and the last to claim a path has it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from lambda_emulator.template.values import as_mapping

_APIS = {"Api": "RestApiId", "HttpApi": "ApiId"}
"""The types of events that claim a path, and the property that names the API of each."""


def rival_events(template: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """The function's logical id, the event's name and the later function of each event whose path another one has."""
    owners: dict[tuple[str, ...], str] = {}
    for logical_id, name, claim in reversed(list(_claims(template))):
        if claim in owners:
            yield logical_id, name, owners[claim]
        owners.setdefault(claim, logical_id)


def _claims(template: Mapping[str, Any]) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    for logical_id, resource in template["Resources"].items():
        if resource["Type"] != "AWS::Serverless::Function":
            continue
        for name, event in as_mapping(as_mapping(resource.get("Properties")).get("Events")).items():
            kind = str(as_mapping(event).get("Type"))
            properties = as_mapping(as_mapping(event).get("Properties"))
            method, path = properties.get("Method"), properties.get("Path")
            if kind in _APIS and isinstance(method, str) and isinstance(path, str):
                yield logical_id, name, (kind, repr(properties.get(_APIS[kind])), method.lower(), path)
