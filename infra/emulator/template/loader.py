"""From a template file to a Stack."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from emulator.stack import Stack
from emulator.template.apis import read_apis
from emulator.template.document import Document, read_document
from emulator.template.errors import TemplateError
from emulator.template.event_sources import read_event_sources
from emulator.template.functions import FunctionIndex, read_functions, with_settings
from emulator.template.intrinsics import NO_VALUE, Evaluator
from emulator.template.parameters import as_text, parameter_values
from emulator.template.resources import Catalog
from emulator.template.transform import SAM_PREFIX, translate


def load_stack(
    path: Path,
    *,
    parameter_overrides: Mapping[str, str] = {},
    environment_overrides: Mapping[str, Mapping[str, str]] = {},
) -> Stack:
    """Read a SAM or CloudFormation template.

    ``parameter_overrides`` gives parameters their values; ``environment_overrides`` is an ``--env-vars`` file's
    content (see ``read_environment_file``). Raises TemplateError.
    """
    path = path.resolve()
    document = read_document(path)
    values = parameter_values(document, parameter_overrides)
    template = _settled(document, values)
    resources = template["Resources"]
    if any(as_text(resource.get("Type")).startswith(SAM_PREFIX) for resource in resources.values()):
        template = translate(document, template)
    catalog = Catalog(document, values, _in_written_order(document, template["Resources"]))
    for keys, line in document.duplicates:
        catalog.warn(f"{path}:{line}: {'.'.join(map(str, keys))} is written twice; the second one counts")
    index = FunctionIndex(catalog)
    functions, _skipped = read_functions(catalog, path.parent, environment_overrides)
    functions = with_settings(catalog, index, functions)
    apis = read_apis(catalog, index)
    event_sources = tuple(read_event_sources(catalog, index))
    outputs = _outputs(catalog, template)
    return Stack(
        template_path=path,
        functions=functions,
        apis=apis,
        event_sources=event_sources,
        outputs=outputs,
        warnings=tuple(catalog.warnings),
    )


def _settled(document: Document, values: Mapping[str, Any]) -> dict[str, Any]:
    """The template with all settled that does not depend on a resource; resources whose condition fails are gone."""
    evaluator = Evaluator(document, values)
    resources = document.data.get("Resources")
    if not isinstance(resources, dict) or not resources:
        raise document.error("a template has a Resources section with at least one resource", ("Resources",))
    template: dict[str, dict[str, Any]] = {"Resources": {}, "Outputs": {}}
    for section in template:
        for logical_id, definition in (document.data.get(section) or {}).items():
            keys = (section, logical_id)
            if not isinstance(definition, dict):
                raise document.error("must be a mapping; is the indentation right?", keys)
            condition = definition.get("Condition")
            if condition is not None and not evaluator.condition(condition, (*keys, "Condition")):
                continue
            if section == "Resources" and not isinstance(definition.get("Type"), str):
                raise document.error("Type is missing", keys)
            kept = {name: value for name, value in definition.items() if name != "Condition"}
            template[section][logical_id] = evaluator.evaluate(kept, keys)
    if document.data.get("Globals"):
        template["Globals"] = evaluator.evaluate(document.data["Globals"], ("Globals",))
    return template


def _in_written_order(document: Document, resources: Mapping[str, Any]) -> dict[str, Any]:
    """Resources in the author's order; those that the translation made come after."""
    order = {logical_id: number for number, logical_id in enumerate(document.data["Resources"])}
    return dict(sorted(resources.items(), key=lambda item: order.get(item[0], len(order))))


def _outputs(catalog: Catalog, template: Mapping[str, Any]) -> dict[str, str]:
    outputs: dict[str, str] = {}
    for name, definition in (template.get("Outputs") or {}).items():
        try:
            value = catalog.evaluator.evaluate(definition.get("Value"), ("Outputs", name, "Value"))
        except TemplateError as error:
            catalog.warn(f"the output {name} is left out: {error}")
            continue
        if value is not NO_VALUE and value is not None:
            outputs[name] = ",".join(map(as_text, value)) if isinstance(value, list) else as_text(value)
    return outputs
