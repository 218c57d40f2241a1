"""From a template file to a Stack.

The steps: read the file; unroll loops and include files; settle what parameters and conditions decide; translate SAM
to CloudFormation; read functions, APIs, event sources and schedules from the resources that there are then.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from lambda_emulator.stack import Stack
from lambda_emulator.template.apis.read import read_apis
from lambda_emulator.template.coverage.check import unheeded
from lambda_emulator.template.errors import TemplateError
from lambda_emulator.template.evaluation.intrinsics import NO_VALUE
from lambda_emulator.template.evaluation.macros import expand
from lambda_emulator.template.evaluation.parameters import (
    PSEUDO_PARAMETERS,
    parameter_values,
    unknown_overrides,
    unresolved_values,
)
from lambda_emulator.template.evaluation.settle import Settled, settle
from lambda_emulator.template.resources.catalog import Catalog, Resource
from lambda_emulator.template.resources.event_sources import read_event_sources
from lambda_emulator.template.resources.function_index import FunctionIndex
from lambda_emulator.template.resources.functions import read_functions
from lambda_emulator.template.resources.layers import layer_folders
from lambda_emulator.template.resources.nested import (
    LOCATIONS,
    below,
    local_template,
    nested_overrides,
    nested_parameters,
    with_children,
)
from lambda_emulator.template.resources.schedules import read_schedules
from lambda_emulator.template.sam.generated import generated_resources
from lambda_emulator.template.sam.preparation import is_sam, refused_credentials, unsupported_resources
from lambda_emulator.template.sam.rival_events import rival_events
from lambda_emulator.template.sam.translation import translate
from lambda_emulator.template.source.document import Document, read_template
from lambda_emulator.template.values import as_text


def load_stack(
    path: Path,
    *,
    parameter_overrides: Mapping[str, str] = {},
    environment_overrides: Mapping[str, Mapping[str, str]] = {},
    base: Path | None = None,
) -> Stack:
    """Read a SAM or CloudFormation template.

    ``parameter_overrides`` gives parameters (and pseudo parameters) their values; ``environment_overrides`` is the
    content of an ``--env-vars`` file (see ``read_environment_file``). ``base`` is the folder that local code is in,
    where that is not the template's.

    Raises TemplateError where the template cannot be run as written. What the template has and this machine cannot
    run (containers, other languages, code in S3) is left out and named in ``Stack.warnings``.
    """
    return _Load(path.resolve(), parameter_overrides, environment_overrides, base=base).stack()


@dataclass(frozen=True)
class _Load:
    """Reads one template and those nested in it."""

    path: Path
    parameter_overrides: Mapping[str, str]
    environment_overrides: Mapping[str, Mapping[str, str]]
    layers: Mapping[str, Path] | None = None  # of the stacks around this one
    ancestors: tuple[Path, ...] = ()
    base: Path | None = None

    def stack(self) -> Stack:
        written = read_template(self.path)
        values = parameter_values(written, self.parameter_overrides)
        document = expand(written, values)
        settled = settle(document, values)
        translated = translate(document, settled.template) if is_sam(settled.template) else settled.template
        catalog = Catalog(
            document,
            values,
            _in_written_order(
                document,
                {
                    **generated_resources(settled.template),
                    **settled.template["Resources"],
                    **translated["Resources"],
                },
            ),
            settled.references,
            self._nested,
            root=self.base,
        )
        self._note(catalog, document, settled)
        return self._read(catalog, translated)

    def _note(self, catalog: Catalog, document: Document, settled: Settled) -> None:
        """Tell what is odd about the template as a whole."""
        for keys, line in document.duplicates:
            catalog.warn(f"{self.path}:{line}: {'.'.join(map(str, keys))} is written twice; the second one counts")
        for warning in settled.warnings:
            catalog.warn(warning)
        for logical_id, kind in unsupported_resources(settled.template):
            catalog.warn(f"{logical_id} is left out: {kind} does not run here")
        for logical_id in refused_credentials(settled.template):
            catalog.warn(f"{logical_id}: AWS refuses AllowCredentials for any origin ('*'); here it counts for nothing")
        for warning in unheeded(document, settled.template):
            catalog.warn(warning)
        for logical_id, name, owner in rival_events(settled.template):
            catalog.warn(f"{logical_id}.Events.{name} is left out: {owner} has its path; AWS refuses such a template")
        for warning in unresolved_values(document, self.parameter_overrides):
            catalog.warn(warning)
        if not self.ancestors:
            for name in unknown_overrides(document, self.parameter_overrides):
                catalog.warn(f"--parameter-overrides {name}: the template has no such parameter")

    def _read(self, catalog: Catalog, translated: Mapping[str, Any]) -> Stack:
        index = FunctionIndex(catalog)
        children = {
            resource.logical_id: below(child, resource)
            for resource in catalog.of_type(*LOCATIONS)
            if (child := catalog.nested(resource)) is not None
        }
        layers = {**(self.layers or {}), **layer_folders(catalog)}
        for child in children.values():
            layers |= child.layers
        functions = read_functions(catalog, index, layers, self.environment_overrides)
        stack = Stack(
            template_path=self.path,
            functions=functions.runnable,
            apis=read_apis(catalog, index),
            event_sources=tuple(read_event_sources(catalog, index)),
            schedules=tuple(read_schedules(catalog, index)),
            outputs=_outputs(catalog, translated),
            layers=layers,
            unavailable=functions.unavailable,
        )
        stack = with_children(stack, children.values())
        if functions.errors and not stack.functions and not self.ancestors:
            first, *others = functions.errors
            first.related = tuple(others)
            raise first
        return replace(stack, warnings=(*catalog.warnings, *stack.warnings))

    def _nested(self, catalog: Catalog, resource: Resource) -> Stack | None:
        location = local_template(resource)
        if location is None:
            catalog.warn(f"the nested stack {resource.logical_id} is left out: its template is not on this machine")
            return None
        path = (self.path.parent / location).resolve()
        if path in (self.path, *self.ancestors):
            raise resource.error(f"{location} contains itself", LOCATIONS[resource.type])
        if not path.is_file():
            raise resource.error(f"the template {location} does not exist ({path})", LOCATIONS[resource.type])
        pseudo = {name: value for name, value in self.parameter_overrides.items() if name in PSEUDO_PARAMETERS}
        return _Load(
            path,
            {**pseudo, **nested_parameters(resource)},
            nested_overrides(resource, self.environment_overrides),
            {**(self.layers or {}), **layer_folders(catalog)},
            (*self.ancestors, self.path),
        ).stack()


def _in_written_order(document: Document, resources: Mapping[str, Any]) -> dict[str, Any]:
    """Resources in the author's order; those that the translation made come after."""
    order = {logical_id: number for number, logical_id in enumerate(document.data["Resources"])}
    return dict(sorted(resources.items(), key=lambda item: order.get(item[0], len(order))))


def _outputs(catalog: Catalog, template: Mapping[str, Any]) -> dict[str, str]:
    outputs: dict[str, str] = {}
    for name, definition in template["Outputs"].items():
        keys = ("Outputs", name, "Value")
        try:
            value = catalog.tolerant_evaluator.evaluate(definition.get("Value"), keys)
        except TemplateError as error:
            catalog.warn(str(error))
            continue
        if value is not NO_VALUE and value is not None:
            outputs[name] = ",".join(map(as_text, value)) if isinstance(value, list) else as_text(value)
    return outputs
