"""Functions and layers of a translated template.

Mirrors ``AWS::Lambda::Function`` and ``AWS::Lambda::LayerVersion`` of the CloudFormation template reference.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from emulator.stack import AsyncConfig, Function
from emulator.template import environment
from emulator.template.code import CodeError, inline_folder, local_folder
from emulator.template.parameters import as_text
from emulator.template.resources import Catalog, Resource
from emulator.template.transform import local_source

_FUNCTION_REFERENCE = re.compile(r"(?:^|function:)(?P<name>[A-Za-z0-9_-]+)(?::[A-Za-z0-9$_-]+)?$")
_INVOKE_URI = re.compile(r"/functions/(?P<function>[^/]+)/(?:invocations|response-streaming-invocations)$")


class FunctionIndex:
    """Which function a name, an ARN or an integration's URI means."""

    def __init__(self, catalog: Catalog) -> None:
        self._by_name: dict[str, str] = {}
        for resource in catalog.of_type("AWS::Lambda::Function"):
            self._by_name.setdefault(catalog.name(resource.logical_id), resource.logical_id)
            self._by_name.setdefault(resource.logical_id, resource.logical_id)

    def find(self, reference: Any) -> str | None:
        """The logical id of the function that ``reference`` means; None where the template has no such function."""
        text = as_text(reference)
        if uri := _INVOKE_URI.search(text):
            text = uri["function"]
        match = _FUNCTION_REFERENCE.search(text)
        return self._by_name.get(match["name"]) if match else None


def read_functions(
    catalog: Catalog, root: Path, overrides: Mapping[str, Mapping[str, str]]
) -> tuple[dict[str, Function], dict[str, str]]:
    """Every function that can run, by logical id, and for each of the others the reason why it cannot.

    ``root`` is the folder that local paths are relative to. Raises TemplateError.
    """
    layers = _layer_folders(catalog, root)
    functions: dict[str, Function] = {}
    skipped: dict[str, str] = {}
    for resource in catalog.of_type("AWS::Lambda::Function"):
        reason = _why_not(resource)
        if reason is not None:
            skipped[resource.logical_id] = reason
            catalog.warn(f"{resource.logical_id} is left out: {reason}")
            continue
        functions[resource.logical_id] = _read_function(catalog, resource, root, layers, overrides)
    return functions, skipped


def with_settings(catalog: Catalog, index: FunctionIndex, functions: Mapping[str, Function]) -> dict[str, Function]:
    """The functions with what other resources say of them: aliases and settings of asynchronous invocation."""
    result = dict(functions)
    for resource in catalog.of_type("AWS::Lambda::Alias"):
        logical_id = index.find(resource.get("FunctionName"))
        name = resource.text("Name")
        if logical_id in result and name:
            function = result[logical_id]
            result[logical_id] = replace(function, aliases=(*function.aliases, name))
    for resource in catalog.of_type("AWS::Lambda::EventInvokeConfig"):
        logical_id = index.find(resource.get("FunctionName"))
        if logical_id not in result:
            continue
        function = result[logical_id]
        destinations = resource.mapping("DestinationConfig")
        config = AsyncConfig(
            maximum_retry_attempts=resource.integer("MaximumRetryAttempts", 2),
            maximum_event_age_seconds=resource.integer("MaximumEventAgeInSeconds", 21_600),
            on_success=(destinations.get("OnSuccess") or {}).get("Destination"),
            on_failure=(destinations.get("OnFailure") or {}).get("Destination"),
            dead_letter=function.async_config.dead_letter,
        )
        result[logical_id] = replace(function, async_config=config)
    return result


def _why_not(resource: Resource) -> str | None:
    if resource.text("PackageType") == "Image":
        return "PackageType: Image needs a container, and there is none here"
    runtime = resource.text("Runtime")
    if runtime is not None and not runtime.startswith("python"):
        return f"its runtime is {runtime}, and only Python functions run here"
    return None


def _read_function(
    catalog: Catalog,
    resource: Resource,
    root: Path,
    layers: Mapping[str, Path],
    overrides: Mapping[str, Mapping[str, str]],
) -> Function:
    for required in ("Handler", "Runtime"):
        if resource.text(required) is None:
            raise resource.error(f"{required} is missing; a function needs one", required)
    name = catalog.name(resource.logical_id)
    own_overrides = environment.overrides_of(resource.logical_id, name, overrides)
    reserved = resource.integer("ReservedConcurrentExecutions", -1)
    storage = resource.mapping("EphemeralStorage")
    dead_letter = resource.mapping("DeadLetterConfig").get("TargetArn")
    return Function(
        logical_id=resource.logical_id,
        name=name,
        handler=resource.text("Handler") or "",
        runtime=resource.text("Runtime") or "",
        code_dir=_code_folder(resource, root),
        layer_dirs=tuple(_layers_of(catalog, resource, layers)),
        environment=_variables(catalog, resource, own_overrides),
        memory_mb=resource.integer("MemorySize", 128),
        timeout_seconds=resource.integer("Timeout", 3),
        ephemeral_storage_mb=int(storage.get("Size", 512)),
        reserved_concurrency=None if reserved < 0 else reserved,
        architectures=resource.texts("Architectures") or ("x86_64",),
        description=resource.text("Description") or "",
        async_config=AsyncConfig(dead_letter=dead_letter),
        tags={as_text(tag.get("Key")): as_text(tag.get("Value")) for tag in resource.get("Tags", [])},
    )


def _variables(catalog: Catalog, resource: Resource, overrides: Mapping[str, str]) -> dict[str, str]:
    written = resource.raw("Environment") or {}
    declared = written.get("Variables") or {} if isinstance(written, dict) else {}
    settled: dict[str, Any] = {}
    for name, value in declared.items():
        if name in overrides:  # not settled at all: an override is the way out for what cannot be
            continue
        settled[name] = catalog.evaluator.evaluate(value, resource.keys("Environment", "Variables", name))
        if isinstance(settled[name], dict | list):
            raise resource.error("an environment variable is a text", "Environment", "Variables", name)
    return environment.merge({name: settled.get(name) for name in declared}, overrides)


def _code_folder(resource: Resource, root: Path) -> Path:
    metadata = resource.metadata
    code = resource.get("Code")
    if metadata.get("aws:asset:property") == "Code" and "aws:asset:path" in metadata:
        code = metadata["aws:asset:path"]
    if isinstance(code, dict) and "ZipFile" in code:
        return inline_folder(as_text(code["ZipFile"]))
    location = local_source(code)
    if location is None:
        raise resource.error(f"the code is not on this machine: {code}; give a local folder", "CodeUri")
    try:
        return local_folder(root, location)
    except CodeError as error:
        raise resource.error(str(error), "CodeUri") from None


def _layer_folders(catalog: Catalog, root: Path) -> dict[str, Path]:
    """The folder of each layer version of the template, by ARN."""
    folders: dict[str, Path] = {}
    for resource in catalog.of_type("AWS::Lambda::LayerVersion"):
        metadata = resource.metadata
        content = resource.get("Content")
        if metadata.get("aws:asset:property") == "Content" and "aws:asset:path" in metadata:
            content = metadata["aws:asset:path"]
        location = local_source(content)
        if location is None:
            catalog.warn(f"the layer {resource.logical_id} is left out: its content is not on this machine")
            continue
        try:
            folders[as_text(catalog.ref(resource.logical_id))] = local_folder(root, location)
        except CodeError as error:
            raise resource.error(str(error), "ContentUri") from None
    return folders


def _layers_of(catalog: Catalog, resource: Resource, layers: Mapping[str, Path]) -> Iterable[Path]:
    for arn in resource.texts("Layers"):
        if arn in layers:
            yield layers[arn]
        else:
            catalog.warn(
                f"the layer {arn} of {resource.logical_id} is left out: it is not on this machine; "
                "what it holds must be installed in the Python that runs the functions"
            )
