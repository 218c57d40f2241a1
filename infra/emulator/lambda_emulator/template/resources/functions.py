"""The functions of a translated template.

Mirrors ``AWS::Lambda::Function``, ``Alias`` and ``EventInvokeConfig`` of the CloudFormation template reference.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal, cast

from lambda_emulator.stack import AsyncConfig, DurableConfig, Function, LoggingConfig
from lambda_emulator.template import environment
from lambda_emulator.template.coverage.check import refusal
from lambda_emulator.template.errors import UnavailableError
from lambda_emulator.template.evaluation.intrinsics import NO_VALUE
from lambda_emulator.template.resources.catalog import Catalog, Resource
from lambda_emulator.template.resources.code import CodeError, inline_folder, local_folder
from lambda_emulator.template.resources.function_index import FunctionIndex
from lambda_emulator.template.resources.layers import layers_of
from lambda_emulator.template.sam.preparation import local_source
from lambda_emulator.template.values import as_list, as_mapping, as_text


@dataclass(slots=True)
class Functions:
    """The functions that can run, by logical id, and for each of the others the reason why it cannot."""

    runnable: dict[str, Function] = field(default_factory=dict)
    unavailable: dict[str, str] = field(default_factory=dict)
    errors: list[UnavailableError] = field(default_factory=list)  # what could be mended, among the reasons


def read_functions(
    catalog: Catalog, index: FunctionIndex, layers: Mapping[str, Path], overrides: Mapping[str, Mapping[str, str]]
) -> Functions:
    """Every function of the template. ``layers`` are the folders of the layers that are known, by ARN.

    One function that lacks something does not keep the others from running. Raises TemplateError.
    """
    functions = Functions()
    _check_names(catalog)
    for resource in catalog.of_type("AWS::Lambda::Function"):
        reason = _why_not(resource)
        if reason is None:
            try:
                functions.runnable[resource.logical_id] = _read_function(catalog, resource, layers, overrides)
                continue
            except UnavailableError as error:
                functions.errors.append(error)
                reason = str(error)
        functions.unavailable[resource.logical_id] = reason
        catalog.warn(f"the function {resource.logical_id} is left out: {reason}")
    _add_versions(catalog, index, functions.runnable)
    _add_aliases(catalog, index, functions.runnable)
    _add_async_settings(catalog, index, functions.runnable)
    return functions


def _check_names(catalog: Catalog) -> None:
    """Refuse a name that two functions have: AWS creates only one of them, and calls of it would reach the other."""
    owners: dict[str, Resource] = {}
    for resource in catalog.of_type("AWS::Lambda::Function"):
        name = catalog.name(resource.logical_id)
        owner = owners.setdefault(name, resource)
        if owner is not resource:
            there = owner.error("", "FunctionName")
            raise resource.error(
                f"the name {name} is already that of {owner.logical_id} (line {there.line})", "FunctionName"
            )


def _why_not(resource: Resource) -> str | None:
    code = resource.properties.get("Code")
    if resource.text("PackageType") == "Image" or (isinstance(code, dict) and "ImageUri" in code):
        return "PackageType: Image needs a container, and there is none here"
    runtime = resource.text("Runtime")
    if runtime is not None and not runtime.startswith("python3"):
        return f"its runtime is {runtime}, and only Python 3 functions run here"
    is_in_s3 = isinstance(code, dict) and "S3Bucket" in code and local_source(code) is None
    if refused := refusal(resource.type, resource.properties):
        name, note = refused
        return f"{note} ({resource.error('', name).place}); without {name} it runs as an ordinary function"
    if is_in_s3 and resource.asset_path("Code") is None:
        return "its code is in S3; give a local folder as CodeUri"
    return None


def _read_function(
    catalog: Catalog,
    resource: Resource,
    layers: Mapping[str, Path],
    overrides: Mapping[str, Mapping[str, str]],
) -> Function:
    name = catalog.name(resource.logical_id)
    runtime = _required(resource, "Runtime")
    reserved = resource.integer("ReservedConcurrentExecutions", -1)
    return Function(
        logical_id=resource.logical_id,
        name=name,
        location=catalog.location,
        handler=_required(resource, "Handler"),
        runtime=runtime,
        code_dir=_code_folder(resource, catalog.root),
        layer_dirs=tuple(layers_of(catalog, resource, layers)),
        environment=_variables(
            catalog, resource, environment.overrides_of((resource.construct, name, resource.logical_id), overrides)
        ),
        # AWS refuses a zero; sam local takes it for a function that says nothing.
        memory_mb=resource.integer("MemorySize", 128) or 128,
        timeout_seconds=resource.integer("Timeout", 3) or 3,
        ephemeral_storage_mb=resource.integer("EphemeralStorage", 512, "Size"),
        reserved_concurrency=None if reserved < 0 else reserved,
        architectures=resource.texts("Architectures") or ("x86_64",),
        description=resource.text("Description") or "",
        async_config=AsyncConfig(dead_letter=resource.mapping("DeadLetterConfig").get("TargetArn")),
        tags=_tags(resource),
        logging=_logging(resource),
        durable=_durable(resource),
        tenant_isolation=bool(resource.mapping("TenancyConfig")),
        construct=resource.construct,
    )


def _durable(resource: Resource) -> DurableConfig | None:
    config = resource.mapping("DurableConfig")
    if not config:
        return None
    values = {}
    for name, default, least, most in (
        ("ExecutionTimeout", None, 1, 31_622_400),
        ("RetentionPeriodInDays", 14, 1, 90),
    ):
        written = as_text(config.get(name, default))
        if not written.isdecimal() or not least <= int(written) <= most:
            raise resource.error(f"must be a whole number from {least} to {most}", "DurableConfig", name)
        values[name] = int(written)
    return DurableConfig(values["ExecutionTimeout"], values["RetentionPeriodInDays"])


def _logging(resource: Resource) -> LoggingConfig:
    config = as_mapping(resource.get("LoggingConfig", {}, tolerant=True))

    def choice(name: str, allowed: tuple[str, ...]) -> str:
        value = as_text(config.get(name)) or allowed[0]
        if value not in allowed:
            raise resource.error(f"must be one of {', '.join(sorted(allowed))}, not {value}", "LoggingConfig", name)
        return value

    log_format = choice("LogFormat", ("Text", "JSON"))
    for name in ("ApplicationLogLevel", "SystemLogLevel"):
        if log_format == "Text" and config.get(name):
            raise resource.error("AWS takes it with LogFormat JSON alone", "LoggingConfig", name)
    return LoggingConfig(
        format=cast(Literal["Text", "JSON"], log_format),
        application_level=choice("ApplicationLogLevel", ("INFO", "TRACE", "DEBUG", "WARN", "ERROR", "FATAL")),
        system_level=cast(Literal["DEBUG", "INFO", "WARN"], choice("SystemLogLevel", ("INFO", "DEBUG", "WARN"))),
        group=as_text(config.get("LogGroup")) or None,
    )


def _required(resource: Resource, name: str) -> str:
    value = resource.text(name)
    if not value:
        raise resource.error(f"{name} is missing; give the function one, or all of them by Globals", name)
    return value


def _tags(resource: Resource) -> dict[str, str]:
    tags = resource.get("Tags", tolerant=True)
    if isinstance(tags, dict):
        return {name: as_text(value) for name, value in tags.items()}
    pairs = ((as_mapping(tag).get("Key"), as_mapping(tag).get("Value")) for tag in as_list(tags))
    return {as_text(key): as_text(value) for key, value in pairs}


def _variables(catalog: Catalog, resource: Resource, overrides: Mapping[str, str]) -> dict[str, str]:
    written = resource.properties.get("Environment") or {}
    declared = written.get("Variables") or {} if isinstance(written, dict) else None
    if not isinstance(declared, dict):
        raise resource.error("must be a mapping with Variables, which are a mapping", "Environment")
    values: dict[str, str] = {}
    for name, value in declared.items():
        if name in overrides:  # not evaluated at all: an override is the way out for what cannot be
            values[name] = overrides[name]
            continue
        # As in sam local, a value that is only known in AWS does not keep the function from running.
        settled = catalog.tolerant_evaluator.evaluate(value, resource.keys("Environment", "Variables", name))
        if settled is NO_VALUE:
            continue
        if isinstance(settled, dict | list):
            raise resource.error("an environment variable is a text", "Environment", "Variables", name)
        if isinstance(settled, str) and "{{resolve:" in settled:
            catalog.warn(f"{resource.logical_id}.{name}: {settled} is only known in AWS; give a value by --env-vars")
        values[name] = as_text(settled)
    return values


def _code_folder(resource: Resource, root: Path) -> Path:
    location = resource.asset_path("Code")
    if location is None:
        code = resource.get("Code", resource.get("CodeUri", "."))
        if isinstance(code, dict) and "ZipFile" in code:
            return inline_folder(as_text(code["ZipFile"]))
        location = local_source(code)
    if location is None:
        raise resource.error("the code is not on this machine; give a local folder", "Code")
    try:
        return local_folder(root, location)
    except CodeError as error:
        raise resource.error(str(error), "Code", kind=UnavailableError) from None


def _add_versions(catalog: Catalog, index: FunctionIndex, functions: dict[str, Function]) -> None:
    for resource in catalog.of_type("AWS::Lambda::Version"):
        logical_id = index.find(resource.get("FunctionName", tolerant=True))
        if logical_id in functions:
            # References give every version as the first one; all are the code as it is.
            functions[logical_id] = replace(functions[logical_id], versions=("1",))


def _add_aliases(catalog: Catalog, index: FunctionIndex, functions: dict[str, Function]) -> None:
    for resource in catalog.of_type("AWS::Lambda::Alias"):
        logical_id = index.find(resource.get("FunctionName", tolerant=True))
        name = resource.text("Name")
        if logical_id in functions and name:
            function = functions[logical_id]
            functions[logical_id] = replace(function, aliases=(*function.aliases, name))


def _add_async_settings(catalog: Catalog, index: FunctionIndex, functions: dict[str, Function]) -> None:
    for resource in catalog.of_type("AWS::Lambda::EventInvokeConfig"):
        logical_id = index.find(resource.get("FunctionName", tolerant=True))
        if logical_id not in functions:
            continue
        function = functions[logical_id]
        destinations = as_mapping(resource.get("DestinationConfig", tolerant=True))
        config = replace(
            function.async_config,
            maximum_retry_attempts=resource.integer("MaximumRetryAttempts", 2),
            maximum_event_age_seconds=resource.integer("MaximumEventAgeInSeconds", 21_600),
            on_success=as_mapping(destinations.get("OnSuccess")).get("Destination"),
            on_failure=as_mapping(destinations.get("OnFailure")).get("Destination"),
        )
        functions[logical_id] = replace(function, async_config=config)
