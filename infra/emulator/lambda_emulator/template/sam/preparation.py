"""Makes a SAM template, as it is on a developer's machine, one that the translator accepts.

The translator knows nothing of local folders: each is wrapped into an S3 address of a bucket of its own
(``_LOCAL_BUCKET``), whose key comes out of the translation again. What only a deployment needs is taken out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote, unquote

from lambda_emulator.template.coverage.events import OTHER_EVENTS
from lambda_emulator.template.sam.rival_events import rival_events
from lambda_emulator.template.sam.typed import with_types
from lambda_emulator.template.values import as_list, as_mapping

SAM_PREFIX = "AWS::Serverless::"

_LOCAL_BUCKET = "local-sources"
_REMOTE = ("s3://", "https://", "http://")
_TRANSLATED_TYPES = frozenset(f"{SAM_PREFIX}{name}" for name in ("Function", "LayerVersion", "Api", "HttpApi"))
_DEPLOYMENT_PROPERTIES = frozenset(
    {
        "AutoPublishCodeSha256",
        "CodeSigningConfigArn",
        "DeploymentPreference",
        "Policies",
        "ProvisionedConcurrencyConfig",
        "VpcConfig",
    }
)
"""What only a deployment needs; left in, it could fail for reasons that do not matter to a run."""

_CORS = {f"{SAM_PREFIX}Api": "Cors", f"{SAM_PREFIX}HttpApi": "CorsConfiguration"}

_PLACEHOLDER_IMAGE = "123456789012.dkr.ecr.us-east-1.amazonaws.com/local"
_APPLICATION = f"{SAM_PREFIX}Application"
_SILENT_TYPES = frozenset(
    f"{SAM_PREFIX}{name}"
    for name in ("Application", "CapacityProvider", "Connector", "GraphQLApi", "SimpleTable", "StateMachine")
)
"""SAM's types beside functions that a run does without, or, as nested applications, that are read on their own."""


def is_sam(template: Mapping[str, Any]) -> bool:
    """Whether a template has a resource that must be translated before it can be read."""
    return any(resource["Type"] in _TRANSLATED_TYPES for resource in template["Resources"].values())


def unsupported_resources(template: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The logical ids and types of SAM resources that have no counterpart here, or that SAM does not know either."""
    for logical_id, resource in template["Resources"].items():
        if resource["Type"].startswith(SAM_PREFIX) and resource["Type"] not in _TRANSLATED_TYPES | _SILENT_TYPES:
            yield logical_id, resource["Type"]


def refused_credentials(template: Mapping[str, Any]) -> Iterator[str]:
    """The logical ids of APIs whose CORS settings AWS refuses: credentials from any origin."""
    for logical_id, resource in template["Resources"].items():
        if resource["Type"] in _CORS and _lets_anyone_in(_cors(resource)):
            yield logical_id


def _cors(resource: Mapping[str, Any]) -> dict[str, Any]:
    settings = as_mapping(resource.get("Properties")).get(_CORS[resource["Type"]])
    return settings if isinstance(settings, dict) else {}


def _lets_anyone_in(cors: Mapping[str, Any]) -> bool:
    origins = cors.get("AllowOrigins", cors.get("AllowOrigin"))
    anyone = any(isinstance(origin, str) and origin.strip("'") == "*" for origin in as_list(origins))
    return anyone and str(cors.get("AllowCredentials")).lower() == "true"


def local_source(code: Any) -> str | None:
    """The local path in a translated ``Code`` or ``Content`` property; None where it is somewhere else."""
    if isinstance(code, str):
        return None if code.startswith(_REMOTE) else code
    if isinstance(code, dict) and code.get("S3Bucket") == _LOCAL_BUCKET:
        return unquote(str(code.get("S3Key")))
    return None


def _wrap(location: Any) -> Any:
    """A local path as an address that the translator takes."""
    if isinstance(location, str) and not location.startswith(_REMOTE):
        return f"s3://{_LOCAL_BUCKET}/{quote(location or '.', safe='')}"
    return location


def prepare(template: Mapping[str, Any]) -> dict[str, Any]:
    """A copy of a template in which everything local has a form that the translator accepts."""
    prepared: dict[str, Any] = with_types(template)
    shared = prepared.get("Globals") or {}
    functions = shared.get("Function") if isinstance(shared, dict) else None
    functions = functions if isinstance(functions, dict) else {}
    if "CodeUri" in functions:
        functions["CodeUri"] = _wrap(functions["CodeUri"])
    for name in _DEPLOYMENT_PROPERTIES & functions.keys():
        del functions[name]
    resources = prepared["Resources"]
    for logical_id in refused_credentials(prepared):
        del _cors(resources[logical_id])["AllowCredentials"]
    for logical_id, name, _ in list(rival_events(prepared)):
        del resources[logical_id]["Properties"]["Events"][name]
    for logical_id, resource in list(resources.items()):
        resource.pop("Connectors", None)
        kind = resource["Type"]
        properties = resource.get("Properties")
        if kind == _APPLICATION:
            resources[logical_id] = _as_stack(resource)
        elif kind.startswith(SAM_PREFIX) and kind not in _TRANSLATED_TYPES:
            del resources[logical_id]
        if kind not in _TRANSLATED_TYPES or not isinstance(properties, dict):
            continue
        metadata = resource.pop("Metadata", None)
        if kind == f"{SAM_PREFIX}Function":
            _prepare_function(properties, metadata if isinstance(metadata, dict) else {}, functions)
        elif kind == f"{SAM_PREFIX}LayerVersion" and "ContentUri" in properties:
            properties["ContentUri"] = _wrap(properties["ContentUri"])
    return prepared


def _as_stack(application: Mapping[str, Any]) -> dict[str, Any]:
    """A nested application as the stack that SAM makes of it, without asking the catalogue in AWS."""
    properties = application.get("Properties")
    properties = properties if isinstance(properties, dict) else {}
    renamed = {"TemplateURL" if name == "Location" else name: value for name, value in properties.items()}
    return {**application, "Type": "AWS::CloudFormation::Stack", "Properties": renamed}


def _prepare_function(properties: dict[str, Any], metadata: Mapping[str, Any], shared: Mapping[str, Any]) -> None:
    for name in _DEPLOYMENT_PROPERTIES & properties.keys():
        del properties[name]
    if isinstance(properties.get("AutoPublishAlias"), dict):
        del properties["AutoPublishAlias"]  # the parameter that names it has no value; a run does without
    if metadata.get("aws:asset:property") == "CodeUri":
        properties["CodeUri"] = metadata.get("aws:asset:path")
    if properties.get("PackageType", shared.get("PackageType")) == "Image" or "ImageUri" in properties:
        properties["PackageType"] = "Image"
        properties["ImageUri"] = _PLACEHOLDER_IMAGE
    elif "CodeUri" in properties:
        properties["CodeUri"] = _wrap(properties["CodeUri"])
    elif "InlineCode" not in properties and "CodeUri" not in shared:
        properties["CodeUri"] = _wrap(".")  # as SAM does where a function says nothing
    events = properties.get("Events")
    if isinstance(events, dict):
        properties["Events"] = {
            name: event
            for name, event in events.items()
            if not (isinstance(event, dict) and str(event.get("Type")) in OTHER_EVENTS)
        }
