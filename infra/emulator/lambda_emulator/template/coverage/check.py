"""Warns of the properties of a template that count for nothing here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from lambda_emulator.template.coverage.events import EVENTS, OTHER_EVENTS
from lambda_emulator.template.coverage.status import Coverage, Status, Table
from lambda_emulator.template.coverage.tables import RESOURCES
from lambda_emulator.template.evaluation.intrinsics import intrinsic, suggest
from lambda_emulator.template.source.document import Document
from lambda_emulator.template.source.keys import Keys
from lambda_emulator.template.values import as_mapping

SAM_FUNCTION = "AWS::Serverless::Function"


class Finding(NamedTuple):
    """A property in use that counts for nothing, and what is to be said of it."""

    keys: Keys
    note: str


def unheeded(document: Document, template: Mapping[str, Any]) -> Iterator[str]:
    """One warning for each thing that is not done, with every place that asks for it.

    ``template`` is as its author wrote it, with conditions and parameters settled.
    """
    places: dict[str, list[Keys]] = {}
    for keys, note in _findings(template):
        places.setdefault(note, []).append(keys)
    for note, (first, *others) in places.items():
        also = ", ".join(_short_place(document, keys) for keys in others)
        yield f"{document.error(note, first)}" + (f"; also {also}" if also else "")


def refusal(resource_type: str, properties: Mapping[str, Any]) -> tuple[str, str] | None:
    """The first property for which a resource is left out, and the reason; None where there is none."""
    table = RESOURCES.get(resource_type, {})
    for name in properties:
        coverage = table.get(name)
        if coverage is not None and coverage.status is Status.REFUSED:
            return name, coverage.note
    return None


def _findings(template: Mapping[str, Any]) -> Iterator[Finding]:
    for section, properties in as_mapping(template.get("Globals")).items():
        table = RESOURCES.get(f"AWS::Serverless::{section}")
        if table is not None:
            yield from _of_properties(table, properties, ("Globals", section), "", strict=False)
    for logical_id, resource in template["Resources"].items():
        table = RESOURCES.get(resource["Type"])
        if table is None:
            continue
        keys: Keys = ("Resources", logical_id, "Properties")
        properties = as_mapping(resource.get("Properties"))
        # SAM's translator refuses unknown properties by itself.
        yield from _of_properties(
            table, properties, keys, "", strict=not resource["Type"].startswith("AWS::Serverless::")
        )
        if resource["Type"] == SAM_FUNCTION:
            yield from _of_events(as_mapping(properties.get("Events")), (*keys, "Events"))


def _of_events(events: Mapping[str, Any], keys: Keys) -> Iterator[Finding]:
    for name, event in events.items():
        kind = str(as_mapping(event).get("Type"))
        if kind in OTHER_EVENTS:
            yield Finding((*keys, name), f"{OTHER_EVENTS[kind].note} ({kind})")
        elif kind in EVENTS:
            place: Keys = (*keys, name, "Properties")
            yield from _of_properties(EVENTS[kind], as_mapping(event).get("Properties"), place, "", strict=False)


def _of_properties(table: Table, value: Any, keys: Keys, path: str, *, strict: bool) -> Iterator[Finding]:
    """What is found in ``value``, which is at ``path`` of the table. ``strict`` tells of unknown names too."""
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from _of_properties(table, item, (*keys, index), path, strict=strict)
        return
    if not isinstance(value, dict) or intrinsic(value):
        return
    for name, item in value.items():
        coverage, below = _named(table, path, name)
        if coverage is not None:
            if coverage.concerns(item):
                yield Finding((*keys, name), coverage.note)
        elif below is not None:
            yield from _of_properties(table, item, (*keys, name), below, strict=strict)
        elif strict:
            yield Finding((*keys, name), f"AWS knows no such property{suggest(name, _siblings(table, path))}")


def _named(table: Table, path: str, name: str) -> tuple[Coverage | None, str | None]:
    """What is done with a property, or the path below which its parts are judged."""
    for option in (name, "*"):
        inner = f"{path}.{option}" if path else option
        if inner in table:
            return table[inner], None
        if any(other.startswith(f"{inner}.") for other in table):
            return None, inner
    return None, None


def _siblings(table: Table, path: str) -> set[str]:
    start = f"{path}." if path else ""
    return {name.removeprefix(start).partition(".")[0] for name in table if name.startswith(start)}


def _short_place(document: Document, keys: Keys) -> str:
    error = document.error("", keys)
    subject = ".".join(part for part in (error.resource, error.property) if part)
    return f"{subject} (line {error.line})" if isinstance(error.path, Path) and error.line else subject
