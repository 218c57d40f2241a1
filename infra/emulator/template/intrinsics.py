"""The intrinsic functions of CloudFormation.

Mirrors "Intrinsic function reference" in the CloudFormation User Guide. An ``Evaluator`` works in two ways: without
``resources`` it settles what parameters, mappings and conditions decide and leaves references to resources as they
are written, so that a SAM template can still be translated; with ``resources`` it settles everything.
"""

from __future__ import annotations

import base64
import difflib
import ipaddress
import json
import re
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from emulator.stack import REGION
from emulator.template.document import Document, Keys
from emulator.template.errors import TemplateError
from emulator.template.parameters import as_text

NO_VALUE = object()
"""What ``AWS::NoValue`` comes to: the property or list item is left out."""

_PLACEHOLDER = re.compile(r"\$\{(!?)([^}]*)\}")


class ResourceReferences(Protocol):
    """What the resources of a template say when they are referred to."""

    def ref(self, logical_id: str) -> Any:
        """The value of ``Ref``. Raises LookupError where there is no such resource."""

    def attribute(self, logical_id: str, name: str) -> Any:
        """The value of ``Fn::GetAtt``. Raises LookupError where there is no such resource."""


def intrinsic(value: Any) -> tuple[str, Any] | None:
    """The name and argument of an intrinsic function call, or None where ``value`` is plain data."""
    if isinstance(value, dict) and len(value) == 1:
        name, argument = next(iter(value.items()))
        if name == "Ref" or name.startswith("Fn::"):
            return name, argument
    return None


def is_settled(value: Any) -> bool:
    """Whether no intrinsic function is left anywhere in ``value``."""
    if intrinsic(value):
        return False
    if isinstance(value, dict):
        return all(map(is_settled, value.values()))
    return all(map(is_settled, value)) if isinstance(value, list) else True


class Evaluator:
    """Evaluates the intrinsic functions of one template."""

    def __init__(
        self, document: Document, values: Mapping[str, Any], resources: ResourceReferences | None = None
    ) -> None:
        self.references: list[tuple[str, Keys]] = []
        """Every name that ``Ref``, ``Fn::GetAtt`` or ``Fn::Sub`` took for a resource's, and where."""
        self._document = document
        self._values = values
        self._resources = resources
        self._mappings: dict[str, Any] = document.data.get("Mappings") or {}
        self._conditions: dict[str, Any] = document.data.get("Conditions") or {}
        self._decided: dict[str, bool | None] = {}  # None while a condition is being decided
        self._functions: dict[str, Callable[[Any, Keys], Any]] = {
            "Ref": self._ref,
            "Fn::Base64": self._base64,
            "Fn::Cidr": self._cidr,
            "Fn::FindInMap": self._find_in_map,
            "Fn::GetAZs": self._get_azs,
            "Fn::GetAtt": self._get_att,
            "Fn::If": self._if,
            "Fn::ImportValue": self._import_value,
            "Fn::Join": self._join,
            "Fn::Length": self._length,
            "Fn::Select": self._select,
            "Fn::Split": self._split,
            "Fn::Sub": self._sub,
            "Fn::ToJsonString": self._to_json_string,
            "Fn::And": self._condition_function,
            "Fn::Equals": self._condition_function,
            "Fn::Not": self._condition_function,
            "Fn::Or": self._condition_function,
        }

    def evaluate(self, value: Any, keys: Keys) -> Any:
        """``value`` with its intrinsic functions settled; NO_VALUE where it comes to nothing. Raises TemplateError."""
        if call := intrinsic(value):
            name, argument = call
            function = self._functions.get(name)
            if function is None:
                known = ", ".join(sorted(self._functions))
                raise self._document.error(f"{name} is not known here; known are {known}", (*keys, name))
            return function(argument, (*keys, name))
        if isinstance(value, dict):
            pairs = ((key, self.evaluate(item, (*keys, key))) for key, item in value.items())
            return {key: item for key, item in pairs if item is not NO_VALUE}
        if isinstance(value, list):
            items = (self.evaluate(item, (*keys, index)) for index, item in enumerate(value))
            return [item for item in items if item is not NO_VALUE]
        return value

    def condition(self, name: Any, keys: Keys) -> bool:
        """Whether the condition called ``name`` holds. Raises TemplateError."""
        if not isinstance(name, str) or name not in self._conditions:
            raise self._document.error(f"no condition is called {name!r}{_suggest(name, self._conditions)}", keys)
        if name in self._decided:
            decided = self._decided[name]
            if decided is None:
                raise self._document.error(f"the condition {name} depends on itself", ("Conditions", name))
            return decided
        self._decided[name] = None
        self._decided[name] = settled = self._decide(self._conditions[name], ("Conditions", name))
        return settled

    # Conditions

    def _decide(self, value: Any, keys: Keys) -> bool:
        if isinstance(value, dict) and len(value) == 1:
            name, argument = next(iter(value.items()))
            inner = (*keys, name)
            if name == "Condition":
                return self.condition(argument, inner)
            if name == "Fn::Equals":
                left, right = self._arguments(name, argument, 2, inner)
                return _comparable(self.evaluate(left, inner)) == _comparable(self.evaluate(right, inner))
            if name in ("Fn::And", "Fn::Or", "Fn::Not"):
                decided = [self._decide(item, inner) for item in self._arguments(name, argument, None, inner)]
                return not decided[0] if name == "Fn::Not" else all(decided) if name == "Fn::And" else any(decided)
        settled = self.evaluate(value, keys) if intrinsic(value) else value
        if as_text(settled).lower() in ("true", "false"):
            return as_text(settled).lower() == "true"
        raise self._document.error("a condition is made of Fn::Equals, Fn::And, Fn::Or, Fn::Not and Condition", keys)

    def _condition_function(self, argument: Any, keys: Keys) -> bool:
        return self._decide({str(keys[-1]): argument}, keys[:-1])

    def _if(self, argument: Any, keys: Keys) -> Any:
        name, yes, no = self._arguments("Fn::If", argument, 3, keys)
        return self.evaluate(yes, (*keys, 1)) if self.condition(name, (*keys, 0)) else self.evaluate(no, (*keys, 2))

    # References

    def _ref(self, name: Any, keys: Keys) -> Any:
        if not isinstance(name, str):
            raise self._document.error("Ref takes the name of a parameter or resource", keys)
        if name == "AWS::NoValue":
            return NO_VALUE
        if name in self._values:
            return self._values[name]
        return self._reference(name, keys, lambda resources: resources.ref(name), {"Ref": name})

    def _get_att(self, argument: Any, keys: Keys) -> Any:
        parts = argument.split(".", 1) if isinstance(argument, str) else argument
        if not isinstance(parts, list) or len(parts) < 2:
            raise self._document.error("Fn::GetAtt takes a resource and an attribute: !GetAtt Resource.Attribute", keys)
        name, attribute = parts[0], ".".join(as_text(self.evaluate(part, keys)) for part in parts[1:])
        return self._reference(
            name, keys, lambda resources: resources.attribute(name, attribute), {"Fn::GetAtt": [name, attribute]}
        )

    def _reference(
        self, name: str, keys: Keys, look_up: Callable[[ResourceReferences], Any], unsettled: dict[str, Any]
    ) -> Any:
        self.references.append((name, keys))
        if self._resources is None:
            return unsettled
        try:
            return look_up(self._resources)
        except LookupError:
            raise self.unknown(name, keys) from None

    def unknown(self, name: str, keys: Keys) -> TemplateError:
        """The error for a reference to something that the template does not have, or has no value for."""
        parameters = self._document.data.get("Parameters") or {}
        if name in parameters:
            message = f"the parameter {name} has no value; give one by --parameter-overrides {name}=VALUE"
        else:
            known = [*parameters, *(self._document.data.get("Resources") or {})]
            message = f"{name} is neither a parameter nor a resource of this template{_suggest(name, known)}"
        return self._document.error(message, keys)

    def _import_value(self, argument: Any, keys: Keys) -> Any:
        name = self.evaluate(argument, keys)
        if self._resources is None:
            return {"Fn::ImportValue": name}
        raise self._document.error(
            f"Fn::ImportValue {name!r} is another stack's output, which is not known locally; give the variable's "
            "value by --env-vars, or use a parameter in its place",
            keys,
        )

    def _find_in_map(self, argument: Any, keys: Keys) -> Any:
        if not isinstance(argument, list) or len(argument) not in (3, 4):
            raise self._document.error("Fn::FindInMap takes a map, a first key and a second key", keys)
        names = [as_text(self.evaluate(item, (*keys, index))) for index, item in enumerate(argument[:3])]
        found: Any = self._mappings
        for depth, name in enumerate(names):
            if not isinstance(found, dict) or name not in found:
                if len(argument) == 4 and isinstance(argument[3], dict) and "DefaultValue" in argument[3]:
                    return self.evaluate(argument[3]["DefaultValue"], (*keys, 3))
                place = ".".join(("Mappings", *names[:depth]))
                known = list(found) if isinstance(found, dict) else []
                raise self._document.error(f"{place} has no key {name!r}{_suggest(name, known)}", keys)
            found = found[name]
        return self.evaluate(found, ("Mappings", *names))

    # Text and lists

    def _sub(self, argument: Any, keys: Keys) -> Any:
        text, variables = (argument, {}) if isinstance(argument, str) else self._arguments("Fn::Sub", argument, 2, keys)
        if not isinstance(text, str) or not isinstance(variables, dict):
            raise self._document.error("Fn::Sub takes a text, or a text and a mapping of variables", keys)
        variables = {name: self.evaluate(value, (*keys, 1, name)) for name, value in variables.items()}
        pieces: list[str] = []
        unsettled: dict[str, Any] = {}
        is_done = True
        end = 0
        for match in _PLACEHOLDER.finditer(text):
            pieces.append(_escape(text[end : match.start()]))
            end = match.end()
            name = match[2].strip()
            if match[1]:
                pieces.append(_escape(f"${{{match[2]}}}"))
                continue
            value = variables[name] if name in variables else self._named(name, keys)
            if value is NO_VALUE:
                raise self._document.error("AWS::NoValue has no place in Fn::Sub", keys)
            if is_settled(value):
                if isinstance(value, dict | list):
                    raise self._document.error(f"${{{name}}} is a list or a mapping, which Fn::Sub cannot write", keys)
                pieces.append(_escape(as_text(value)))
                continue
            is_done = False
            pieces.append(f"${{{name}}}")
            if name in variables:
                unsettled[name] = value
        pieces.append(_escape(text[end:]))
        result = "".join(pieces)
        if is_done:
            return result.replace("${!", "${")
        return {"Fn::Sub": [result, unsettled] if unsettled else result}

    def _named(self, name: str, keys: Keys) -> Any:
        if "." in name and name not in self._values:
            return self._get_att(name, keys)
        return self._ref(name, keys)

    def _join(self, argument: Any, keys: Keys) -> Any:
        delimiter, items = self._arguments("Fn::Join", argument, 2, keys)
        items = self.evaluate(items, (*keys, 1))
        if not is_settled(items):
            return {"Fn::Join": [delimiter, items]}
        if not isinstance(delimiter, str) or not isinstance(items, list):
            raise self._document.error("Fn::Join takes a delimiter and a list", keys)
        if any(isinstance(item, dict | list) for item in items):
            raise self._document.error("Fn::Join joins texts, not lists or mappings", keys)
        return delimiter.join(map(as_text, items))

    def _split(self, argument: Any, keys: Keys) -> Any:
        delimiter, text = self._arguments("Fn::Split", argument, 2, keys)
        text = self.evaluate(text, (*keys, 1))
        if not is_settled(text):
            return {"Fn::Split": [delimiter, text]}
        if not isinstance(delimiter, str) or not delimiter or isinstance(text, dict | list):
            raise self._document.error("Fn::Split takes a delimiter and a text", keys)
        return as_text(text).split(delimiter)

    def _select(self, argument: Any, keys: Keys) -> Any:
        index, items = self._arguments("Fn::Select", argument, 2, keys)
        index, items = self.evaluate(index, (*keys, 0)), self.evaluate(items, (*keys, 1))
        if not (is_settled(index) and (is_settled(items) or isinstance(items, list))):
            return {"Fn::Select": [index, items]}
        if not isinstance(items, list) or not as_text(index).isdecimal():
            raise self._document.error("Fn::Select takes an index and a list", keys)
        if int(index) >= len(items):
            raise self._document.error(f"Fn::Select asks for item {index} of a list of {len(items)}", keys)
        return items[int(index)]

    def _base64(self, argument: Any, keys: Keys) -> Any:
        value = self.evaluate(argument, keys)
        return base64.b64encode(as_text(value).encode()).decode() if is_settled(value) else {"Fn::Base64": value}

    def _length(self, argument: Any, keys: Keys) -> Any:
        value = self.evaluate(argument, keys)
        if not isinstance(value, list):
            raise self._document.error("Fn::Length takes a list", keys)
        return len(value)

    def _to_json_string(self, argument: Any, keys: Keys) -> Any:
        value = self.evaluate(argument, keys)
        return json.dumps(value, separators=(",", ":")) if is_settled(value) else {"Fn::ToJsonString": value}

    # Network

    def _get_azs(self, argument: Any, keys: Keys) -> list[str]:
        region = as_text(self.evaluate(argument, keys)) or REGION
        return [f"{region}{zone}" for zone in "abcdef"]

    def _cidr(self, argument: Any, keys: Keys) -> Any:
        if not isinstance(argument, list) or len(argument) not in (2, 3):
            raise self._document.error("Fn::Cidr takes an address block, a count and the size of a subnet", keys)
        block, count, *bits = (self.evaluate(item, (*keys, index)) for index, item in enumerate(argument))
        if not is_settled(block):
            return {"Fn::Cidr": [block, count, *bits]}
        try:
            network = ipaddress.ip_network(as_text(block))
            subnets = network.subnets(new_prefix=network.max_prefixlen - int(bits[0] if bits else 8))
            return [str(subnet) for _, subnet in zip(range(int(count)), subnets, strict=False)]
        except ValueError as error:
            raise self._document.error(f"Fn::Cidr: {error}", keys) from None

    def _arguments(self, name: str, argument: Any, count: int | None, keys: Keys) -> list[Any]:
        if not isinstance(argument, list) or (count is not None and len(argument) != count) or not argument:
            wanted = f"a list of {count}" if count else "a list"
            raise self._document.error(f"{name} takes {wanted}", keys)
        return argument


def _escape(text: str) -> str:
    return text.replace("${", "${!")


def _comparable(value: Any) -> Any:
    return [as_text(item) for item in value] if isinstance(value, list) else as_text(value)


def _suggest(name: object, known: Mapping[str, Any] | list[str]) -> str:
    close = difflib.get_close_matches(str(name), list(known), n=1)
    return f"; did you mean {close[0]}?" if close else ""
