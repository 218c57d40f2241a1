"""The complaints of the SAM translator, with the places in the template that they are about."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from lambda_emulator.template.errors import TemplateError, UnavailableError
from lambda_emulator.template.evaluation.intrinsics import suggest
from lambda_emulator.template.source.document import Document
from lambda_emulator.template.source.keys import Keys
from lambda_emulator.template.values import as_mapping

_RESOURCE = re.compile(r"Resource with id \[(?P<id>[^\]]+)\] is invalid\. *(?P<rest>.*)", re.DOTALL)
_EVENT = re.compile(r"Event with id \[(?P<id>[^\]]+)\] is invalid\. *(?P<rest>.*)", re.DOTALL)
_UNKNOWN = re.compile(r"property (\w+) not defined for resource of type")
_NAMES = re.compile(r"'(?P<quoted>[A-Za-z][\w.]*)'|property (?P<bare>[A-Za-z]\w*)")


def translation_error(document: Document, template: Mapping[str, Any], messages: Sequence[str]) -> TemplateError:
    """One error for everything that the translator had to say of ``template``."""
    first, *others = (_located(document, template, message) for message in messages)
    first.related = tuple(others)
    return first


def _located(document: Document, template: Mapping[str, Any], message: str) -> TemplateError:
    match = _RESOURCE.fullmatch(message)
    if match is None:
        return document.error(message, _place_in_globals(document, message) or ("Resources",))
    keys: Keys = ("Resources", match["id"], "Properties")
    message = match["rest"]
    properties = _child(template["Resources"], match["id"], "Properties")
    if event := _EVENT.fullmatch(message):
        message = event["rest"]
        events = _child(properties, "Events")
        # The translator puts the function's name before the event's.
        name = next((name for name in (event["id"], event["id"].removeprefix(match["id"])) if name in events), None)
        if name is not None:
            keys = (*keys, "Events", name, "Properties")
            properties = _child(events, name, "Properties")
    for path in _mentioned(message):
        if path[0] in properties:
            cause = _without_value(document, properties[path[0]], keys)
            return cause or document.error(message + _suggestion(document, match["id"], message), (*keys, *path))
    return document.error(message, keys[:-1])


def _place_in_globals(document: Document, message: str) -> Keys | None:
    """Where in the Globals section a complaint about it belongs; None for other complaints."""
    if "'Globals'" not in message:
        return None
    for section, properties in as_mapping(document.data.get("Globals")).items():
        for path in _mentioned(message):
            if path[0] in as_mapping(properties):
                return ("Globals", section, path[0])
    return ("Globals",)


def _suggestion(document: Document, logical_id: str, message: str) -> str:
    """What the author of an unknown property may have meant."""
    unknown = _UNKNOWN.search(message)
    if unknown is None:
        return ""
    from samtranslator.model import ResourceTypeResolver, sam_resources

    known = ResourceTypeResolver(sam_resources).resolve_resource_type(document.data["Resources"][logical_id])
    return suggest(unknown[1], known.property_types)


def _without_value(document: Document, value: Any, keys: Keys) -> TemplateError | None:
    """The true cause where the translator stumbles over a parameter that has no value."""
    name = str(value.get("Ref")) if isinstance(value, dict) else None
    if name not in (document.data.get("Parameters") or {}):
        return None
    message = f"the parameter {name} has no value; give one by --parameter-overrides {name}=VALUE"
    return document.error(message, keys, UnavailableError)


def _mentioned(message: str) -> Iterator[tuple[str, ...]]:
    for found in _NAMES.finditer(message):
        yield tuple((found["quoted"] or found["bare"]).split("."))


def _child(value: Any, *names: str) -> dict[str, Any]:
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}
