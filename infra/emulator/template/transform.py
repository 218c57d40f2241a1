"""From SAM to plain CloudFormation, by AWS's own translator.

``aws-sam-translator`` merges Globals, makes the implicit APIs, and turns events into API definitions and event source
mappings. It knows nothing of local folders, so each is wrapped into an S3 address of a bucket of its own
(``_LOCAL_BUCKET``), whose key comes out of the translation again. It never calls AWS here.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, unquote

from emulator.stack import REGION
from emulator.template.document import Document
from emulator.template.translation_cache import cached
from emulator.template.translation_errors import translation_error

SAM_PREFIX = "AWS::Serverless::"

_LOCAL_BUCKET = "local-sources"
_REMOTE = ("s3://", "https://", "http://")
_TRANSLATED_TYPES = frozenset(f"{SAM_PREFIX}{name}" for name in ("Function", "LayerVersion", "Api", "HttpApi"))
_OTHER_EVENTS = frozenset(
    {
        "AlexaSkill",
        "CloudWatchEvent",
        "CloudWatchLogs",
        "Cognito",
        "DocumentDB",
        "DynamoDB",
        "EventBridgeRule",
        "IoTRule",
        "Kinesis",
        "MQ",
        "S3",
        "SNS",
        "SQS",
        "Schedule",
        "ScheduleV2",
    }
)
"""SAM's event types that have no counterpart here. A type that is in no list is left for the translator to refuse."""

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

_PLACEHOLDER_IMAGE = "123456789012.dkr.ecr.us-east-1.amazonaws.com/local"


def is_sam(template: Mapping[str, Any]) -> bool:
    """Whether a template has a resource that must be translated before it can be read."""
    return any(resource["Type"] in _TRANSLATED_TYPES for resource in template["Resources"].values())


def translate(document: Document, template: Mapping[str, Any]) -> dict[str, Any]:
    """The CloudFormation template that a SAM template comes to. ``template`` is left as it is.

    Raises TemplateError with every mistake that the translator finds.
    """
    return cached(_prepare(template), lambda prepared: _run_translator(document, prepared))


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


def _prepare(template: Mapping[str, Any]) -> dict[str, Any]:
    """A copy of a template in which everything local has a form that the translator accepts."""
    prepared: dict[str, Any] = json.loads(json.dumps(template))
    shared = prepared.get("Globals") or {}
    functions = shared.get("Function") if isinstance(shared, dict) else None
    functions = functions if isinstance(functions, dict) else {}
    if "CodeUri" in functions:
        functions["CodeUri"] = _wrap(functions["CodeUri"])
    for name in _DEPLOYMENT_PROPERTIES & functions.keys():
        del functions[name]
    resources = prepared["Resources"]
    for logical_id, resource in list(resources.items()):
        kind = resource["Type"]
        if not kind.startswith(SAM_PREFIX):
            continue
        if kind not in _TRANSLATED_TYPES:
            del resources[logical_id]
            continue
        resource.pop("Connectors", None)
        metadata = resource.pop("Metadata", None)
        properties = resource.get("Properties")
        if not isinstance(properties, dict):
            continue
        if kind == f"{SAM_PREFIX}Function":
            _prepare_function(properties, metadata if isinstance(metadata, dict) else {}, functions)
        elif kind == f"{SAM_PREFIX}LayerVersion" and "ContentUri" in properties:
            properties["ContentUri"] = _wrap(properties["ContentUri"])
    return prepared


def _prepare_function(properties: dict[str, Any], metadata: Mapping[str, Any], shared: Mapping[str, Any]) -> None:
    for name in _DEPLOYMENT_PROPERTIES & properties.keys():
        del properties[name]
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
            if not (isinstance(event, dict) and event.get("Type") in _OTHER_EVENTS)
        }


class _Session:
    """Stands in for a boto3 session, of which the translator asks the region alone."""

    region_name = REGION


def _run_translator(document: Document, prepared: dict[str, Any]) -> dict[str, Any]:
    # Imported here: it takes about a second, and most runs find the translation in the cache.
    from samtranslator.model.exceptions import InvalidDocumentException
    from samtranslator.parser.parser import Parser
    from samtranslator.translator.translator import Translator

    logging.getLogger("samtranslator").setLevel(logging.CRITICAL)  # it warns of its own feature switches
    translator = Translator({}, Parser(), boto_session=_Session())
    try:
        translated: dict[str, Any] = translator.translate(prepared, {}, get_managed_policy_map=dict)
    except InvalidDocumentException as error:
        messages = [cause.message for cause in error.causes] or [error.message]
        raise translation_error(document, prepared, messages) from None
    finally:
        translator.metrics.publish()  # nowhere; otherwise it complains on stderr of metrics that are not published
    return translated
