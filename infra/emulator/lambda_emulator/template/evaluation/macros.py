"""What rewrites a template before anything in it is evaluated: loops, included files, API definitions in files.

Mirrors "Fn::ForEach" and "AWS::Include transform" in the CloudFormation User Guide, and ``DefinitionUri`` of SAM's
APIs. Only files on this machine can be included.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from lambda_emulator.template.errors import TemplateError
from lambda_emulator.template.evaluation.intrinsics import Evaluator, is_settled
from lambda_emulator.template.source.document import Document, read_document
from lambda_emulator.template.source.keys import Keys
from lambda_emulator.template.values import as_mapping, as_text

_LOOP = "Fn::ForEach::"
_TRANSFORM = "Fn::Transform"
_REMOTE = ("s3://", "https://", "http://")
_DEFINITIONS = {
    "AWS::Serverless::Api": ("DefinitionUri", "DefinitionBody"),
    "AWS::Serverless::HttpApi": ("DefinitionUri", "DefinitionBody"),
    "AWS::ApiGateway::RestApi": ("BodyS3Location", "Body"),
    "AWS::ApiGatewayV2::Api": ("BodyS3Location", "Body"),
}
"""Where each type of API names the file of its definition, and where the definition itself may stand."""


def expand(document: Document, values: Mapping[str, Any]) -> Document:
    """The document with its loops unrolled and its local files included. Raises TemplateError."""
    expansion = _Expansion(document, values)
    data = expansion.expanded(document.data, ())
    expanded = replace(document, data=data, lines=expansion.lines)
    _include_definitions(expanded, Evaluator(expanded, values))
    return expanded


class _Expansion:
    """Unrolls and includes, and keeps the lines of what it makes."""

    def __init__(self, document: Document, values: Mapping[str, Any]) -> None:
        self.lines = dict(document.lines)
        self._document = document
        self._evaluator = Evaluator(document, values)

    def expanded(self, value: Any, keys: Keys) -> Any:
        if isinstance(value, list):
            return [self.expanded(item, (*keys, index)) for index, item in enumerate(value)]
        if not isinstance(value, dict):
            return value
        result: dict[str, Any] = {}
        for name, item in value.items():
            if name.startswith(_LOOP):
                result |= self._unrolled(item, keys, (*keys, name))
            elif name == _TRANSFORM and (location := self._local_file(item, (*keys, name))) is not None:
                result |= self.expanded(_read_included(self._document, location, (*keys, name)), keys)
            else:
                result[name] = self.expanded(item, (*keys, name))
        return result

    def _unrolled(self, loop: Any, target: Keys, keys: Keys) -> dict[str, Any]:
        if not isinstance(loop, list) or len(loop) != 3 or not isinstance(loop[2], dict):
            raise self._document.error("Fn::ForEach takes a name, a collection and what is to be repeated", keys)
        name, collection, body = loop
        items = self._evaluator.evaluate(collection, (*keys, 1))
        if not is_settled(items):
            raise self._evaluator.unsettled(items, keys)
        if not isinstance(items, list) or not isinstance(name, str):
            raise self._document.error("Fn::ForEach takes a name, a collection and what is to be repeated", keys)
        result: dict[str, Any] = {}
        for item in map(as_text, items):
            self._copy_lines((*keys, 2), target, name, item)
            result |= self.expanded(_substituted(body, name, item), target)
        return result

    def _copy_lines(self, source: Keys, target: Keys, name: str, item: str) -> None:
        for keys, line in list(self.lines.items()):
            if keys[: len(source)] == source and len(keys) > len(source):
                self.lines[(*target, *(_substituted(key, name, item) for key in keys[len(source) :]))] = line

    def _local_file(self, transform: Any, keys: Keys) -> str | None:
        """The file that a transform includes; None of other transforms, which matter only where they are needed."""
        if not isinstance(transform, dict) or transform.get("Name") != "AWS::Include":
            return None
        location = self._evaluator.evaluate((transform.get("Parameters") or {}).get("Location"), keys)
        return location if isinstance(location, str) and not location.startswith(_REMOTE) else None


def _substituted(value: Any, name: str, item: str) -> Any:
    """``value`` with ``${name}`` (and ``&{name}``, letters and digits alone) replaced in every key and text."""
    if isinstance(value, str):
        return value.replace(f"${{{name}}}", item).replace(f"&{{{name}}}", re.sub(r"[^A-Za-z0-9]", "", item))
    if isinstance(value, dict):
        if value == {"Ref": name}:
            return item
        return {_substituted(key, name, item): _substituted(child, name, item) for key, child in value.items()}
    return [_substituted(child, name, item) for child in value] if isinstance(value, list) else value


def _include_definitions(document: Document, evaluator: Evaluator) -> None:
    for keys, resource, file_property, body_property in _definition_files(document):
        properties = resource["Properties"]
        location = _asset(resource, file_property)
        if location is None:
            location = evaluator.evaluate(properties[file_property], (*keys, file_property))
        if isinstance(location, str) and not location.startswith(_REMOTE):
            del properties[file_property]
            properties[body_property] = _read_included(document, location, (*keys, file_property))


def _definition_files(document: Document) -> Iterator[tuple[Keys, dict[str, Any], str, str]]:
    for logical_id, resource in (document.data.get("Resources") or {}).items():
        if not isinstance(resource, dict) or str(resource.get("Type")) not in _DEFINITIONS:
            continue
        properties = resource.get("Properties")
        file_property, body_property = _DEFINITIONS[resource["Type"]]
        if isinstance(properties, dict) and file_property in properties and body_property not in properties:
            yield ("Resources", logical_id, "Properties"), resource, file_property, body_property


def _asset(resource: Mapping[str, Any], name: str) -> Any:
    """The local file that the CDK notes beside a property whose content it uploads."""
    metadata = as_mapping(resource.get("Metadata"))
    return metadata.get("aws:asset:path") if metadata.get("aws:asset:property") == name else None


def _read_included(document: Document, location: str, keys: Keys) -> Any:
    path: Path = document.path.parent / location
    try:
        return read_document(path).data
    except TemplateError as error:
        raise document.error(f"{location} cannot be included: {error.message}", keys) from None
