"""The Conditions section of a template.

Mirrors "Condition functions" in the CloudFormation User Guide.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from lambda_emulator.template.source.document import Document
from lambda_emulator.template.source.keys import Keys
from lambda_emulator.template.values import as_text


class Conditions:
    """Decides the conditions of one template, each when it is first asked for."""

    FUNCTIONS: ClassVar[tuple[str, ...]] = ("Fn::And", "Fn::Equals", "Fn::Not", "Fn::Or")

    def __init__(self, document: Document, evaluate: Callable[[Any, Keys], Any]) -> None:
        self._document = document
        self._evaluate = evaluate
        self._written: dict[str, Any] = document.data.get("Conditions") or {}
        self._decided: dict[str, bool | None] = {}  # None while a condition is being decided

    def __contains__(self, name: object) -> bool:
        return name in self._written

    def holds(self, name: Any, keys: Keys) -> bool:
        """Whether the condition called ``name``, asked for at ``keys``, is true. Raises TemplateError."""
        if not isinstance(name, str) or name not in self._written:
            raise self._document.error(f"no condition is called {name}", keys)
        if name not in self._decided:
            self._decided[name] = None
            self._decided[name] = self.decide(self._written[name], ("Conditions", name))
        decided = self._decided[name]
        if decided is None:
            raise self._document.error(f"the condition {name} depends on itself", ("Conditions", name))
        return decided

    def decide(self, value: Any, keys: Keys) -> bool:
        """Whether a condition, as it is written, is true. Raises TemplateError."""
        if isinstance(value, dict) and len(value) == 1:
            name, argument = next(iter(value.items()))
            inner = (*keys, name)
            if name == "Condition":
                return self.holds(argument, inner)
            if name in self.FUNCTIONS:
                if not isinstance(argument, list) or not argument or (name == "Fn::Equals" and len(argument) != 2):
                    raise self._document.error(
                        f"{name} takes a list of {'two values' if 'Eq' in name else 'conditions'}", inner
                    )
                if name == "Fn::Equals":
                    left, right = (_comparable(self._evaluate(item, inner)) for item in argument)
                    return bool(left == right)
                decided = [self.decide(item, inner) for item in argument]
                return {"Fn::And": all, "Fn::Or": any}[name](decided) if name != "Fn::Not" else not decided[0]
            value = self._evaluate(value, keys)
        if as_text(value).lower() in ("true", "false"):
            return as_text(value).lower() == "true"
        raise self._document.error("a condition is made of Fn::Equals, Fn::And, Fn::Or, Fn::Not and Condition", keys)


def _comparable(value: Any) -> Any:
    return [as_text(item) for item in value] if isinstance(value, list) else as_text(value)
