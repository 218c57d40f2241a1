"""The resources of a translated template, each property with its intrinsic functions settled when it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from lambda_emulator.stack import Stack
from lambda_emulator.template.errors import TemplateError
from lambda_emulator.template.evaluation.intrinsics import NO_VALUE, Evaluator
from lambda_emulator.template.evaluation.parameters import location
from lambda_emulator.template.resources.attributes import attribute, reference, shape
from lambda_emulator.template.source.document import Document
from lambda_emulator.template.source.keys import Keys
from lambda_emulator.template.values import as_mapping, as_text


class Resource:
    """One resource. Errors about it name the place in the author's template that it came from."""

    def __init__(self, logical_id: str, definition: Mapping[str, Any], catalog: Catalog) -> None:
        self.logical_id = logical_id
        self.type = str(definition.get("Type"))
        self.metadata = as_mapping(definition.get("Metadata"))
        self.properties = as_mapping(definition.get("Properties"))
        """The properties as they are written, intrinsic functions and all."""
        self._catalog = catalog

    def __contains__(self, name: str) -> bool:
        return name in self.properties

    def get(self, name: str, default: Any = None, *, tolerant: bool = False) -> Any:
        """A property, settled; ``default`` where it is absent.

        ``tolerant``: what has no value locally is replaced by its name, with a warning. Raises TemplateError.
        """
        evaluator = self._catalog.tolerant_evaluator if tolerant else self._catalog.evaluator
        value = evaluator.evaluate(self.properties.get(name), self.keys(name))
        return default if value is NO_VALUE or value is None else value

    def text(self, name: str) -> str | None:
        """A property that is a text. Raises TemplateError."""
        value = self.get(name)
        if isinstance(value, dict | list):
            raise self.error("must be a text", name)
        return None if value is None else as_text(value)

    def integer(self, name: str, default: int, *below: str) -> int:
        """A property that is a whole number; ``below`` leads to one inside of it. Raises TemplateError."""
        value = self.mapping(name) if below else self.get(name, default)
        for key in below:
            value = value.get(key, default)
        try:
            return int(as_text(value))
        except ValueError:
            raise self.error(f"must be a whole number, not {value!r}", name, *below) from None

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

    @property
    def construct(self) -> str:
        """What the author of a CDK app or of a hook calls the resource, as SAM CLI finds it; else its logical id."""
        if given := self.metadata.get("SamResourceId"):
            return as_text(given)
        *around, own = as_text(self.metadata.get("aws:cdk:path")).split("/")  # Stack/Construct/Resource
        if len(around) not in (1, 2):
            return self.logical_id
        return around[-1] if own == "Resource" else own.removesuffix(".NestedStackResource")

    def asset_path(self, name: str) -> str | None:
        """The local file or folder that the CDK and ``sam build`` note beside a property whose content they upload."""
        path = self.metadata.get("aws:asset:path")
        return as_text(path) if path and self.metadata.get("aws:asset:property") == name else None

    def keys(self, *names: str | int) -> Keys:
        return ("Resources", self.logical_id, "Properties", *names)

    def error(self, message: str, *names: str | int, kind: type[TemplateError] = TemplateError) -> TemplateError:
        """An error about one property of this resource."""
        return self._catalog.document.error(message, self.keys(*names), kind)


class Catalog:
    """All resources, by logical id and by type. Answers ``Ref`` and ``Fn::GetAtt`` for the Evaluator.

    ``definitions`` are the resources after the translation, in the template's order. ``origins`` says where in the
    author's text a name was referred to. ``load_nested`` reads the template of a nested stack.
    """

    def __init__(
        self,
        document: Document,
        values: Mapping[str, Any],
        definitions: Mapping[str, Any],
        origins: Mapping[str, Keys],
        load_nested: Callable[[Catalog, Resource], Stack | None],
        *,
        root: Path | None = None,
    ) -> None:
        self._root = root
        self.document = document
        self.location = location(values)
        self.evaluator = Evaluator(document, values, self, origins=origins)
        self.tolerant_evaluator = Evaluator(document, values, self, origins=origins, stand_in=self._stand_in)
        self.warnings: list[str] = []
        self._resources = {name: Resource(name, definition, self) for name, definition in definitions.items()}
        self._load_nested = load_nested
        self._nested: dict[str, Stack | None] = {}
        self._naming: list[str] = []  # resources whose name is being worked out, to notice a circle

    def of_type(self, *types: str) -> Iterator[Resource]:
        """The resources of these types, in the template's order."""
        return (resource for resource in self._resources.values() if resource.type in types)

    def name(self, logical_id: str) -> str:
        """The physical name of a resource. Raises KeyError, TemplateError."""
        resource = self._resources[logical_id]
        known = shape(resource.type)
        if known.name_property is None or known.name_property not in resource:
            return known.normal(logical_id)
        if logical_id in self._naming:
            circle = " → ".join((*self._naming, logical_id))
            raise resource.error(f"the name depends on itself: {circle}", known.name_property)
        self._naming.append(logical_id)
        try:
            return resource.text(known.name_property) or known.normal(logical_id)
        finally:
            self._naming.pop()

    def ref(self, logical_id: str) -> Any:
        resource = self._resources[logical_id]
        if resource.type in ("AWS::Lambda::Version", "AWS::Lambda::Alias"):
            return f"{self._function_arn(resource)}:{resource.get('Name', '1')}"
        return reference(resource.type, self.name(logical_id), self.location)

    def attribute(self, logical_id: str, name: str) -> Any:
        resource = self._resources[logical_id]
        if name.startswith("Outputs."):
            stack = self.nested(resource)
            if stack is not None and (output := stack.outputs.get(name.removeprefix("Outputs."))) is not None:
                return output
        elif resource.type == "AWS::Lambda::Version" and name == "Version":
            return "1"
        elif resource.type == "AWS::Lambda::Url" and name == "FunctionArn":
            return as_text(resource.get("TargetFunctionArn"))
        else:
            written = {name: resource.get(name)} if name in resource else {}
            value = attribute(resource.type, self.name(logical_id), name, written, self.location)
            if value is not None:
                return value
        self.warn(f"{logical_id}.{name} is only known in AWS; the text {logical_id}.{name} stands in for it")
        return f"{logical_id}.{name}"

    def nested(self, resource: Resource) -> Stack | None:
        """The nested stack that a resource stands for; None where its template is not on this machine.

        Raises TemplateError.
        """
        logical_id = resource.logical_id
        if logical_id in self._naming:
            circle = " → ".join((*self._naming, logical_id))
            raise resource.error(f"the nested stack depends on itself: {circle}")
        if logical_id not in self._nested:
            self._naming.append(logical_id)
            try:
                self._nested[logical_id] = self._load_nested(self, resource)
            finally:
                self._naming.pop()
        return self._nested[logical_id]

    @property
    def root(self) -> Path:
        """The folder that local paths in the template are relative to."""
        return self._root or self.document.path.parent

    def warn(self, message: str) -> None:
        """Note, once, something that the user should know."""
        if message not in self.warnings:
            self.warnings.append(message)

    def _stand_in(self, wanted: str, error: TemplateError) -> str:
        self.warn(f"{error}; the text {wanted} stands in for it")
        return wanted

    def _function_arn(self, resource: Resource) -> str:
        target = resource.text("FunctionName") or ""
        return target if target.startswith("arn:") else self.location.function_arn(target)
