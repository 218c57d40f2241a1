"""The resources of a translated template, each property with its intrinsic functions settled when it is asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from emulator.stack import function_arn
from emulator.template.attributes import attribute, shape
from emulator.template.document import Document, Keys
from emulator.template.errors import TemplateError
from emulator.template.intrinsics import NO_VALUE, Evaluator
from emulator.template.parameters import as_text


class Resource:
    """One resource. Errors about it name the place in the author's template that it came from."""

    def __init__(self, logical_id: str, definition: Mapping[str, Any], catalog: Catalog) -> None:
        self.logical_id = logical_id
        self.type = str(definition.get("Type"))
        self.metadata: Mapping[str, Any] = definition.get("Metadata") or {}
        self._properties: Mapping[str, Any] = definition.get("Properties") or {}
        self._catalog = catalog

    def __contains__(self, name: str) -> bool:
        return name in self._properties

    def names(self) -> Iterator[str]:
        """The names of the properties that are written."""
        return iter(self._properties)

    def get(self, name: str, default: Any = None) -> Any:
        """A property, settled; ``default`` where it is absent. Raises TemplateError."""
        if name not in self._properties:
            return default
        value = self._catalog.evaluator.evaluate(self._properties[name], self.keys(name))
        return default if value is NO_VALUE or value is None else value

    def raw(self, name: str) -> Any:
        """A property as it is written, intrinsic functions and all."""
        return self._properties.get(name)

    def text(self, name: str) -> str | None:
        """A property that is a text. Raises TemplateError."""
        value = self.get(name)
        if isinstance(value, dict | list):
            raise self.error("must be a text", name)
        return None if value is None else as_text(value)

    def integer(self, name: str, default: int) -> int:
        """A property that is a whole number. Raises TemplateError."""
        value = self.get(name, default)
        try:
            return int(as_text(value))
        except ValueError:
            raise self.error(f"must be a whole number, not {value!r}", name) from None

    def mapping(self, name: str) -> dict[str, Any]:
        """A property that is a mapping; empty where it is absent. Raises TemplateError."""
        value = self.get(name, {})
        if not isinstance(value, dict):
            raise self.error("must be a mapping", name)
        return value

    def texts(self, name: str) -> tuple[str, ...]:
        """A property that is a list of texts; empty where it is absent. Raises TemplateError."""
        value = self.get(name, [])
        if not isinstance(value, list):
            raise self.error("must be a list", name)
        return tuple(map(as_text, value))

    def keys(self, *names: str | int) -> Keys:
        return ("Resources", self.logical_id, "Properties", *names)

    def error(self, message: str, *names: str | int) -> TemplateError:
        """A TemplateError about one property of this resource."""
        return self._catalog.document.error(message, self.keys(*names))


class Catalog:
    """All resources, by logical id and by type. Answers ``Ref`` and ``Fn::GetAtt`` for the Evaluator.

    ``translated`` are those that the translation came to; the document's own ones stay known for references to
    resources that the translation does not keep, such as a nested application.
    """

    def __init__(self, document: Document, values: Mapping[str, Any], translated: Mapping[str, Any]) -> None:
        self.document = document
        self.evaluator = Evaluator(document, values, self)
        self.warnings: list[str] = []
        self.nested_outputs: dict[str, Mapping[str, str]] = {}
        self._resources = {
            logical_id: Resource(logical_id, definition, self)
            for logical_id, definition in {**(document.data.get("Resources") or {}), **translated}.items()
            if isinstance(definition, dict)
        }
        self._translated = [self._resources[logical_id] for logical_id in translated if logical_id in self._resources]
        self._naming: list[str] = []  # resources whose name is being worked out, to notice a circle

    def of_type(self, *types: str) -> Iterator[Resource]:
        """The resources of these types, in the template's order."""
        return (resource for resource in self._translated if resource.type in types)

    def find(self, logical_id: str) -> Resource | None:
        return self._resources.get(logical_id)

    def name(self, logical_id: str) -> str:
        """The physical name of a resource. Raises KeyError, TemplateError."""
        resource = self._resources[logical_id]
        known = shape(resource.type)
        if known.name_property is None or known.name_property not in resource:
            return known.normal(logical_id)
        if logical_id in self._naming:
            circle = " → ".join((*self._naming, logical_id))
            raise resource.error(f"depends on itself: {circle}", known.name_property)
        self._naming.append(logical_id)
        try:
            return resource.text(known.name_property) or known.normal(logical_id)
        finally:
            self._naming.pop()

    def ref(self, logical_id: str) -> Any:
        resource = self._resources[logical_id]
        if resource.type in ("AWS::Lambda::Version", "AWS::Lambda::Alias"):
            return f"{self._function_arn(resource)}:{resource.get('Name', '1')}"
        return shape(resource.type).ref.format(name=self.name(logical_id))

    def attribute(self, logical_id: str, name: str) -> Any:
        resource = self._resources[logical_id]
        if name.startswith("Outputs."):
            outputs = self.nested_outputs.get(logical_id, {})
            if (output := outputs.get(name.removeprefix("Outputs."))) is not None:
                return output
        elif resource.type == "AWS::Lambda::Version" and name == "Version":
            return "1"
        elif resource.type == "AWS::Lambda::Url" and name == "FunctionArn":
            return as_text(resource.get("TargetFunctionArn"))
        else:
            properties = {name: resource.get(name)} if name in resource else {}
            value = attribute(resource.type, self.name(logical_id), name, properties)
            if value is not None:
                return value
        self.warn(f"{logical_id}.{name} has no value locally; {logical_id}.{name} stands in for it")
        return f"{logical_id}.{name}"

    def warn(self, message: str) -> None:
        """Note, once, something that the user should know."""
        if message not in self.warnings:
            self.warnings.append(message)

    def _function_arn(self, resource: Resource) -> str:
        target = resource.text("FunctionName") or ""
        return target if target.startswith("arn:") else function_arn(target)
