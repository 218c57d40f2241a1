"""What can be said of a template before anything is known of its resources."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lambda_emulator.template.errors import TemplateError
from lambda_emulator.template.evaluation.intrinsics import NO_VALUE, Evaluator
from lambda_emulator.template.source.document import Document
from lambda_emulator.template.source.keys import Keys

_DECIDED = ("Condition", "DeletionPolicy", "UpdateReplacePolicy")
"""What a run has no use for once it is known that a resource is wanted."""

_READ_HERE = ("AWS::Serverless::", "AWS::Lambda::", "AWS::ApiGateway", "AWS::CloudFormation::Stack")
"""The beginnings of the types that become part of a Stack."""


@dataclass(slots=True)
class Settled:
    """A template without parameters, mappings and conditions: they are decided.

    ``template`` has Resources and Outputs (and Globals, where there are any); in it only references to resources are
    still to be settled. ``references`` says where each name is referred to.
    """

    template: dict[str, dict[str, Any]]
    references: Mapping[str, Keys]
    warnings: list[str] = field(default_factory=list)


def settle(document: Document, values: Mapping[str, Any]) -> Settled:
    """Decide what parameters, mappings and conditions decide. Raises TemplateError."""
    evaluator = Evaluator(document, values)
    settled = Settled({"Resources": {}, "Outputs": {}}, evaluator.references)
    for section, kept in settled.template.items():
        for name, definition in (document.data.get(section) or {}).items():
            keys = (section, name)
            if not isinstance(definition, dict):
                raise document.error("must be a mapping; is the indentation right?", keys)
            if section == "Resources" and not isinstance(definition.get("Type"), str):
                raise document.error("a resource needs a Type", (*keys, "Type"))
            plain = {key: value for key, value in definition.items() if key not in _DECIDED}
            try:
                if _is_wanted(document, evaluator, definition, keys, settled.warnings):
                    kept[name] = _evaluated(evaluator, plain, keys)
            except TemplateError as error:
                if section == "Resources" and definition["Type"].startswith(_READ_HERE):
                    raise
                settled.warnings.append(str(error))
                kept[name] = plain  # its mistake matters only where something asks for it
    if document.data.get("Globals"):
        settled.template["Globals"] = _evaluated(evaluator, document.data["Globals"], ("Globals",))
    return settled


def _evaluated(evaluator: Evaluator, definition: Mapping[str, Any], keys: Keys) -> dict[str, Any]:
    pairs = ((name, evaluator.evaluate(value, (*keys, name))) for name, value in definition.items())
    return {name: value for name, value in pairs if value is not NO_VALUE}


def _is_wanted(
    document: Document, evaluator: Evaluator, definition: Mapping[str, Any], keys: Keys, warnings: list[str]
) -> bool:
    condition = definition.get("Condition")
    if condition is None:
        return True
    if not isinstance(condition, str) or condition not in evaluator.conditions:
        error = document.error(f"no condition is called {condition}; it is taken to hold", (*keys, "Condition"))
        warnings.append(str(error))
        return True
    return evaluator.conditions.holds(condition, (*keys, "Condition"))
