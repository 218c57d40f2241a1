"""What a document may ask for at most, counted before any other rule walks it.

Validation's own rules are quadratic or worse: "Fields can merge" (GraphQL specification, 5.3.2) compares every two
fields of one response name, and follows fragments anew at every spread. So the size of what they would see is counted
first, each fragment once: in time linear in the document's length, whatever its fragments spread to.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    InlineFragmentNode,
    ListValueNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    VariableNode,
)
from strawberry.extensions import SchemaExtension

from stellar_service.limits import MAX_OBJECTS

MAX_DEPTH = 6
MAX_DEPTH_OF_INTROSPECTION = 20
MAX_ALIASES = 100
MAX_TOKENS = 10_000
MAX_DEFINITIONS = 50
MAX_FIELDS = 1_000  # and spreads, with every fragment written out where it is spread
MAX_COMPARISONS = 2_000  # of fields of one response name, a long argument counting for several
_ARGUMENT_UNIT = 32  # characters


class LimitError(GraphQLError):
    """The document asks for more than is allowed."""


@dataclass(frozen=True, slots=True)
class Size:
    """Of a selection set: levels, levels of introspection, selections written out, objects to be classified."""

    depth: int = 0
    introspection: int = 0
    fields: int = 0
    objects: int = 0


@dataclass
class Measure:
    """Sizes of one document's parts. ``visits`` counts the selections looked at."""

    document: DocumentNode
    variables: Mapping[str, Any]
    visits: int = 0
    aliases: int = 0
    _sizes: dict[str, Size | None] = field(default_factory=dict)  # None while the fragment is being measured

    def check(self) -> None:
        """Raises LimitError."""
        definitions = self.document.definitions
        _limit("definitions", len(definitions), MAX_DEFINITIONS)
        self._fragments = {each.name.value: each for each in definitions if isinstance(each, FragmentDefinitionNode)}
        for name in self._fragments:
            self._refuse(f"fragment {name}", replace(self._fragment(name), depth=0))  # counts where it is spread
        operations = [each for each in definitions if isinstance(each, OperationDefinitionNode)]
        for operation in operations:
            name = operation.name.value if operation.name else "anonymous"
            self._refuse(f"'{name}'", self._set(operation.selection_set, operation))
        if self.aliases > MAX_ALIASES:
            raise LimitError(f"{self.aliases} aliases found. Allowed: {MAX_ALIASES}")
        for root in (*self._fragments.values(), *operations):
            self._compare(root.selection_set)

    def _refuse(self, what: str, size: Size) -> None:
        if size.depth > MAX_DEPTH + 1 or size.introspection > MAX_DEPTH_OF_INTROSPECTION:
            allowed = MAX_DEPTH if size.depth > MAX_DEPTH + 1 else MAX_DEPTH_OF_INTROSPECTION
            raise LimitError(f"{what} exceeds maximum operation depth of {allowed}")
        _limit("fields", size.fields, MAX_FIELDS)
        _limit("objects", size.objects, MAX_OBJECTS)  # of the whole document

    def _fragment(self, name: str) -> Size:
        if name in self._sizes and self._sizes[name] is None:
            raise LimitError(f"Cannot spread fragment '{name}' within itself.")
        if name not in self._sizes:
            self._sizes[name] = None
            fragment = self._fragments.get(name)  # what is unknown, validation refuses
            self._sizes[name] = self._set(fragment.selection_set, None) if fragment else Size()
        return self._sizes[name] or Size()

    def _set(self, selections: SelectionSetNode | None, operation: OperationDefinitionNode | None) -> Size:
        depth = introspection = fields = objects = 0
        for selection in selections.selections if selections else ():
            self.visits += 1
            if isinstance(selection, FragmentSpreadNode):
                size = self._fragment(selection.name.value)
            else:
                size = self._set(_below(selection), operation)
                if isinstance(selection, FieldNode):
                    size = self._field(selection, size, operation)
            depth, introspection = max(depth, size.depth), max(introspection, size.introspection)
            fields, objects = fields + size.fields + 1, objects + size.objects
        return Size(depth, introspection, fields, objects)

    def _field(self, node: FieldNode, below: Size, operation: OperationDefinitionNode | None) -> Size:
        self.aliases += node.alias is not None
        name = node.name.value
        hidden = name in ("__schema", "__type")
        return Size(
            0 if hidden else below.depth + 1,
            below.introspection + 1,
            below.fields,
            below.objects + self._objects(name, node, operation),
        )

    def _objects(self, name: str, node: FieldNode, operation: OperationDefinitionNode | None) -> int:
        if name != "predictBatch":
            return int(name == "predict")
        count = 1
        for argument in node.arguments or ():
            value: Any = argument.value
            if isinstance(value, VariableNode):
                value = self.variables.get(value.name.value) or self._default(value.name.value, operation)
            if isinstance(value, ListValueNode):
                count = len(value.values)
            elif isinstance(value, list):
                count = len(value)
        return count if count <= MAX_OBJECTS else 0  # the resolver refuses a longer one by itself

    def _default(self, name: str, operation: OperationDefinitionNode | None) -> Any:
        candidates = (operation,) if operation else self.document.definitions  # a fragment serves every operation
        for candidate in candidates:
            for variable in getattr(candidate, "variable_definitions", None) or ():
                if variable.variable.name.value == name and variable.default_value is not None:
                    return variable.default_value
        return None

    def _compare(self, root: SelectionSetNode) -> None:
        """Count the comparisons of fields that are to merge. What is written out is known to be small by now."""
        groups: dict[tuple[Any, ...], list[int]] = defaultdict(lambda: [0, 0])
        pending: list[tuple[tuple[Any, ...], SelectionSetNode | None]] = [((), root)]
        while pending:
            path, selections = pending.pop()
            for selection in selections.selections if selections else ():
                self.visits += 1
                if isinstance(selection, FragmentSpreadNode):
                    name = selection.name.value
                    if name in self._fragments:
                        pending.append((path, self._fragments[name].selection_set))
                elif not isinstance(selection, FieldNode):
                    pending.append((path, _below(selection)))
                else:
                    key = (*path, (selection.alias or selection.name).value)
                    groups[key][0] += 1
                    groups[key][1] += 1 + _length(selection) // _ARGUMENT_UNIT
                    if selection.selection_set:
                        pending.append((key, selection.selection_set))
        _limit("comparisons of fields", sum((count - 1) * size for count, size in groups.values()), MAX_COMPARISONS)


class Limits(SchemaExtension):
    """Tokens while the document is parsed, all else as soon as it is. Stands after what parses."""

    def on_operation(self) -> Iterator[None]:
        self.execution_context.parse_options["max_tokens"] = MAX_TOKENS
        yield

    def on_parse(self) -> Iterator[None]:
        document = self.execution_context.graphql_document
        assert document is not None
        Measure(document, self.execution_context.variables or {}).check()
        yield


def _limit(what: str, found: int, allowed: int) -> None:
    if found > allowed:
        raise LimitError(f"The document comes to {found:,} {what}. Allowed: {allowed:,}")


def _below(node: SelectionNode) -> SelectionSetNode | None:
    """The selection set of a field or an inline fragment."""
    return node.selection_set if isinstance(node, FieldNode | InlineFragmentNode) else None


def _length(node: FieldNode) -> int:
    """Characters of the arguments."""
    if not node.arguments:
        return 0
    first, last = node.arguments[0].loc, node.arguments[-1].loc
    return last.end - first.start if first and last else 0
