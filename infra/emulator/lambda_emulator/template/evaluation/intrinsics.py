"""Evaluates the intrinsic functions of a template.

Mirrors "Intrinsic function reference" in the CloudFormation User Guide. An ``Evaluator`` works in two ways: without
``resources`` it settles what parameters, mappings and conditions decide and leaves references to resources as they
are written, so that a SAM template can still be translated; with ``resources`` it settles everything.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Protocol

from lambda_emulator.template.errors import TemplateError, UnavailableError
from lambda_emulator.template.evaluation.conditions import Conditions
from lambda_emulator.template.evaluation.substitution import names_in, substitute
from lambda_emulator.template.evaluation.text_functions import TEXT_FUNCTIONS
from lambda_emulator.template.source.document import Document
from lambda_emulator.template.source.keys import Keys
from lambda_emulator.template.values import as_text

NO_VALUE = object()
"""What ``AWS::NoValue`` comes to: the property or list item is left out."""


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
    """Evaluates the intrinsic functions of one template.

    ``origins`` says where a name was referred to in the author's text, for errors about what the translation made.
    With ``stand_in`` nothing fails for want of a value: it is told what was wanted and gives a text in its place.
    """

    def __init__(
        self,
        document: Document,
        values: Mapping[str, Any],
        resources: ResourceReferences | None = None,
        *,
        origins: Mapping[str, Keys] | None = None,
        stand_in: Callable[[str, TemplateError], str] | None = None,
    ) -> None:
        self.references: dict[str, Keys] = {}
        """Where each name that ``Ref``, ``Fn::GetAtt`` or ``Fn::Sub`` took for a resource's was met first."""
        self.conditions = Conditions(document, self._known)
        self._document = document
        self._values = values
        self._resources = resources
        self._origins = origins or {}
        self._stand_in = stand_in
        self._mappings: dict[str, Any] = document.data.get("Mappings") or {}
        self._functions: dict[str, Callable[[Any, Keys], Any]] = {
            "Ref": self._ref,
            "Fn::FindInMap": self._find_in_map,
            "Fn::GetAtt": self._get_att,
            "Fn::GetStackOutput": self._import_value,
            "Fn::If": self._if,
            "Fn::ImportValue": self._import_value,
            "Fn::Sub": self._sub,
            "Fn::Transform": self._transform,
        }

    def evaluate(self, value: Any, keys: Keys) -> Any:
        """``value`` with its intrinsic functions settled; NO_VALUE where it comes to nothing. Raises TemplateError."""
        if call := intrinsic(value):
            return self._call(call[0], call[1], (*keys, call[0]))
        if isinstance(value, dict):
            pairs = ((key, self.evaluate(item, (*keys, key))) for key, item in value.items())
            return {key: item for key, item in pairs if item is not NO_VALUE}
        if isinstance(value, list):
            items = (self.evaluate(item, (*keys, index)) for index, item in enumerate(value))
            return [item for item in items if item is not NO_VALUE]
        return value

    def _known(self, value: Any, keys: Keys) -> Any:
        """``value``, settled without any resource, as conditions need it."""
        settled = self.evaluate(value, keys)
        if not is_settled(settled):
            raise self.unsettled(settled, keys)
        return settled

    def unsettled(self, value: Any, keys: Keys) -> TemplateError:
        """The error for a value that must be known without any resource, and is not."""
        return self.unknown(next(_names(value), "this"), keys)

    def _call(self, name: str, argument: Any, keys: Keys) -> Any:
        if name in self._functions:
            return self._functions[name](argument, keys)
        if name in TEXT_FUNCTIONS:
            settled = self.evaluate(argument, keys)
            if not is_settled(settled):
                return {name: settled}
            if name == "Fn::GetAZs" and not settled:
                settled = self._values["AWS::Region"]
            try:
                return TEXT_FUNCTIONS[name](settled)
            except ValueError as error:
                raise self._document.error(f"{name} {error}", keys) from None
        if name in Conditions.FUNCTIONS:
            return self.conditions.decide({name: argument}, keys[:-1])
        known = ", ".join(sorted([*self._functions, *TEXT_FUNCTIONS, *Conditions.FUNCTIONS]))
        raise self._document.error(f"{name} is not known here; known are {known}", keys)

    def _if(self, argument: Any, keys: Keys) -> Any:
        if not isinstance(argument, list) or len(argument) != 3:
            raise self._document.error("Fn::If takes a condition and two values", keys)
        chosen = 1 if self.conditions.holds(argument[0], keys) else 2
        return self.evaluate(argument[chosen], (*keys, chosen))

    def _ref(self, name: Any, keys: Keys) -> Any:
        if not isinstance(name, str):
            raise self._document.error("Ref takes the name of a parameter or resource", keys)
        if name == "AWS::NoValue":
            return NO_VALUE
        if name in self._values:
            return self._values[name]
        return self._reference(name, name, keys, lambda resources: resources.ref(name), {"Ref": name})

    def _get_att(self, argument: Any, keys: Keys) -> Any:
        parts = argument.split(".", 1) if isinstance(argument, str) else argument
        if not isinstance(parts, list) or len(parts) < 2 or not isinstance(parts[0], str):
            raise self._document.error("Fn::GetAtt takes a resource and an attribute: !GetAtt Resource.Attribute", keys)
        name, attribute = parts[0], ".".join(as_text(self.evaluate(part, keys)) for part in parts[1:])
        return self._reference(
            name,
            f"{name}.{attribute}",
            keys,
            lambda resources: resources.attribute(name, attribute),
            {"Fn::GetAtt": [name, attribute]},
        )

    def _reference(
        self,
        name: str,
        wanted: str,
        keys: Keys,
        look_up: Callable[[ResourceReferences], Any],
        unsettled: dict[str, Any],
    ) -> Any:
        self.references.setdefault(name, keys)
        if self._resources is None:
            return unsettled
        try:
            return look_up(self._resources)
        except LookupError:
            return self._without_value(wanted, self.unknown(name, keys))

    def unknown(self, name: str, keys: Keys) -> TemplateError:
        """The error for a reference to what the template does not have, or has no value for."""
        keys = keys if self._document.has(keys) else self._origins.get(name, keys)
        parameters = self._document.data.get("Parameters") or {}
        if name in parameters:
            message = f"the parameter {name} has no value; give one by --parameter-overrides {name}=VALUE"
            return self._document.error(message, keys, UnavailableError)
        resources = self._document.data.get("Resources") or {}
        if name in resources:
            return self._document.error(f"the resource {name} is not created, as its Condition does not hold", keys)
        known = [*parameters, *resources]
        message = f"{name} is neither a parameter nor a resource of this template{suggest(name, known)}"
        return self._document.error(message, keys)

    def _without_value(self, wanted: str, error: TemplateError) -> str:
        if self._stand_in is None:
            raise error
        return self._stand_in(wanted, error)

    def _import_value(self, argument: Any, keys: Keys) -> Any:
        name = self.evaluate(argument, keys)
        if self._resources is None:
            return {str(keys[-1]): name}
        message = (
            f"{keys[-1]} {name} is another stack's output, which is not known locally; for an environment variable "
            "give its value by --env-vars, elsewhere use a parameter in its place"
        )
        return self._without_value(as_text(name), self._document.error(message, keys, UnavailableError))

    def _transform(self, argument: Any, keys: Keys) -> Any:
        name = argument.get("Name") if isinstance(argument, dict) else argument
        message = f"the macro {name} runs in AWS only; what is known here is AWS::Include of a local file"
        return self._without_value(as_text(name), self._document.error(message, keys, UnavailableError))

    def _find_in_map(self, argument: Any, keys: Keys) -> Any:
        if not isinstance(argument, list) or len(argument) not in (3, 4):
            raise self._document.error("Fn::FindInMap takes a map, a first key and a second key", keys)
        settled = [self.evaluate(item, (*keys, index)) for index, item in enumerate(argument[:3])]
        if not is_settled(settled):
            return {"Fn::FindInMap": [*settled, *argument[3:]]}
        names = list(map(as_text, settled))
        found: Any = self._mappings
        for depth, name in enumerate(names):
            if not isinstance(found, dict) or name not in found:
                if len(argument) == 4 and isinstance(argument[3], dict) and "DefaultValue" in argument[3]:
                    return self.evaluate(argument[3]["DefaultValue"], (*keys, 3))
                place = ".".join(("Mappings", *names[:depth]))
                close = suggest(name, found if isinstance(found, dict) else ())
                raise self._document.error(f"{place} has no key {name!r}{close}", keys)
            found = found[name]
        return self.evaluate(found, ("Mappings", *names))

    def _sub(self, argument: Any, keys: Keys) -> Any:
        text, variables = argument if isinstance(argument, list) and len(argument) == 2 else (argument, {})
        if not isinstance(text, str) or not isinstance(variables, dict):
            raise self._document.error("Fn::Sub takes a text, or a text and a mapping of variables", keys)
        variables = {name: self.evaluate(value, (*keys, 1, name)) for name, value in variables.items()}
        values = {name: variables[name] if name in variables else self._named(name, keys) for name in names_in(text)}
        if any(value is NO_VALUE for value in values.values()):
            raise self._document.error("AWS::NoValue has no place in Fn::Sub", keys)
        try:
            result, unsettled = substitute(text, values, is_settled)
        except ValueError as error:
            raise self._document.error(f"Fn::Sub {error}", keys) from None
        if not unsettled:
            return result
        left = {name: variables[name] for name in variables if name in unsettled}
        return {"Fn::Sub": [result, left] if left else result}

    def _named(self, name: str, keys: Keys) -> Any:
        if "." in name and name not in self._values:
            return self._get_att(name, keys)
        return self._ref(name, keys)


def _names(value: Any) -> Iterator[str]:
    """The names that unsettled references in ``value`` are about."""
    call = intrinsic(value)
    if call and call[0] == "Ref":
        yield str(call[1])
    elif call and call[0] == "Fn::GetAtt":
        yield str(call[1][0])
    elif isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _names(item)
    elif isinstance(value, str):
        yield from (name.partition(".")[0] for name in names_in(value))


def suggest(name: object, known: Iterable[str]) -> str:
    """``"; did you mean …?"`` where something close to ``name`` is known, else nothing."""
    close = difflib.get_close_matches(str(name), list(known), n=1)
    return f"; did you mean {close[0]}?" if close else ""
