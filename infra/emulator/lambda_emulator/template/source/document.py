"""A template file as plain data, with the line of everything in it.

YAML is read as CloudFormation reads it: keys are text, dates stay text, and the short forms of the intrinsic
functions (``!Sub``) become their long forms (``Fn::Sub``). JSON is read by the same parser, of which it is a subset.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from lambda_emulator.template.errors import TemplateError
from lambda_emulator.template.source.keys import Keys
from lambda_emulator.template.source.origin import written_keys

_Loader: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_TIMESTAMP_TAG = "tag:yaml.org,2002:timestamp"
_UNPREFIXED_TAGS = ("Ref", "Condition")

SECTIONS = ("Parameters", "Mappings", "Conditions", "Globals", "Resources", "Outputs")
"""The parts of a template that are read here."""


@dataclass(frozen=True, slots=True)
class Document:
    """A parsed template: ``data`` holds only dict, list, str, int, float, bool and None."""

    path: Path
    data: dict[str, Any]
    lines: dict[Keys, int] = field(default_factory=dict)
    duplicates: tuple[tuple[Keys, int], ...] = ()  # keys given twice in one mapping, and the line of the second

    def line(self, keys: Keys) -> int | None:
        """The 1-based line of ``keys``, or of the deepest part of it that the file has."""
        known = (self.lines.get(keys[:length]) for length in range(len(keys), 0, -1))
        return next((line for line in known if line is not None), None)

    def has(self, keys: Keys) -> bool:
        """Whether ``keys`` is a place of this very file, and not of what its translation made."""
        return keys in self.lines

    def error(self, message: str, keys: Keys = (), kind: type[TemplateError] = TemplateError) -> TemplateError:
        """An error about the value at ``keys``: ``"Resources", logical id, "Properties", name …``.

        ``keys`` may be a place in the translated template; the error names where that goes back to.
        """
        keys = written_keys(self.data, keys)
        call = next((depth for depth, key in enumerate(keys) if key == "Ref" or str(key).startswith("Fn::")), len(keys))
        named = keys[:call]
        resource = str(named[1]) if len(named) > 1 and named[0] == "Resources" else None
        rest = named[2:] if resource else named
        if resource and rest[:1] == ("Properties",):
            rest = rest[1:]
        return kind(message, resource, ".".join(map(str, rest)) or None, self.line(keys), self.path)


def read_document(path: Path) -> Document:
    """Read a template, or another YAML or JSON file that it includes. Raises TemplateError."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise TemplateError("no such file", path=path) from None
    except (OSError, UnicodeDecodeError) as error:
        raise TemplateError(f"cannot be read: {error}", path=path) from None
    if path.suffix == ".json":
        text = _json_as_yaml(text, path)
    return parse(text, path)


def read_template(path: Path) -> Document:
    """Read a template, whose sections are mappings. Raises TemplateError."""
    document = read_document(path)
    for section in SECTIONS:
        if not isinstance(document.data.get(section) or {}, dict):
            raise document.error("must be a mapping; is the indentation right?", (section,))
    if not document.data.get("Resources"):
        raise document.error("a template has a Resources section with at least one resource", ("Resources",))
    return document


def parse(text: str, path: Path) -> Document:
    """Parse the text of a template; ``path`` is for messages only. Raises TemplateError."""
    loader = _Loader(text)
    try:
        node = loader.get_single_node()
        builder = _Builder(loader, path)
        data = {} if node is None else builder.build(node, ())
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        raise TemplateError(f"not well-formed YAML: {error.problem}", line=line, path=path) from None
    except (yaml.YAMLError, ValueError) as error:
        raise TemplateError(f"not well-formed YAML: {error}", path=path) from None
    finally:
        loader.dispose()
    if not isinstance(data, dict):
        raise TemplateError("a template is a mapping with a Resources section", line=1, path=path)
    return Document(path, data, builder.lines, tuple(builder.duplicates))


class _Builder:
    """Turns the nodes of one YAML document into data, noting where each came from."""

    def __init__(self, loader: yaml.SafeLoader, path: Path) -> None:
        self.lines: dict[Keys, int] = {}
        self.duplicates: list[tuple[Keys, int]] = []
        self._loader = loader
        self._path = path
        self._open: set[int] = set()  # nodes being built, to notice an anchor that contains itself

    def build(self, node: yaml.Node, keys: Keys) -> Any:
        self.lines.setdefault(keys, node.start_mark.line + 1)
        if id(node) in self._open:
            raise TemplateError("a YAML anchor contains itself", line=node.start_mark.line + 1, path=self._path)
        self._open.add(id(node))
        try:
            if node.tag.startswith("!") and node.tag != "!":
                return self._short_form(node, keys)
            return self._plain(node, keys)
        finally:
            self._open.discard(id(node))

    def _plain(self, node: yaml.Node, keys: Keys) -> Any:
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, keys)
        if isinstance(node, yaml.SequenceNode):
            return [self.build(child, (*keys, index)) for index, child in enumerate(node.value)]
        if node.tag in (_TIMESTAMP_TAG, "tag:yaml.org,2002:value") or node.tag.startswith("!"):
            return node.value
        return self._loader.construct_object(node)

    def _mapping(self, node: yaml.MappingNode, keys: Keys) -> dict[str, Any]:
        written = {id(key) for key, _ in node.value}
        seen: set[str] = set()
        self._loader.flatten_mapping(node)  # merge keys (<<) come first, so that the mapping's own keys win
        result: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                line = key_node.start_mark.line + 1
                raise TemplateError("a mapping key must be text", line=line, path=self._path)
            key = str(key_node.value)
            child = (*keys, key)
            line = key_node.start_mark.line + 1
            if id(key_node) in written:
                if key in seen:
                    self.duplicates.append((child, line))
                seen.add(key)
            self.lines[child] = line
            result[key] = self.build(value_node, child)
        return result

    def _short_form(self, node: yaml.Node, keys: Keys) -> dict[str, Any]:
        tag = node.tag[1:]
        name = tag if tag in _UNPREFIXED_TAGS else f"Fn::{tag}"
        child = (*keys, name)
        self.lines[child] = node.start_mark.line + 1
        value = node.value if isinstance(node, yaml.ScalarNode) else self._plain(node, child)
        if name == "Fn::GetAtt" and isinstance(value, str):
            value = value.split(".", 1)
        return {name: value}


def _json_as_yaml(text: str, path: Path) -> str:
    """Check JSON and smooth over the two places where YAML 1.1 is no superset of it: tabs and escaped slashes."""
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        raise TemplateError(f"not well-formed JSON: {error.msg}", line=error.lineno, path=path) from None
    return re.sub(r"(\\\\)|\\/", lambda match: match[1] or "/", text.replace("\t", " "))
