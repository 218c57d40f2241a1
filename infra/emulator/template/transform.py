"""From SAM to plain CloudFormation, by AWS's own translator.

``aws-sam-translator`` merges Globals, makes the implicit APIs, and turns events into API definitions and event source
mappings. It knows nothing of local folders, so each is wrapped into an S3 address of a bucket of its own
(``LOCAL_BUCKET``), whose key comes out of the translation again. It never calls AWS here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, unquote

from emulator.stack import REGION
from emulator.template.document import Document
from emulator.template.errors import TemplateError

SAM_PREFIX = "AWS::Serverless::"
LOCAL_BUCKET = "local-sources"

_TRANSLATED_TYPES = frozenset(f"{SAM_PREFIX}{name}" for name in ("Function", "LayerVersion", "Api", "HttpApi"))
_RUNNABLE_EVENTS = frozenset({"Api", "HttpApi", "MSK", "SelfManagedKafka"})
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
# What only a deployment needs; left in, it could fail for reasons that do not matter to a run.
_DEPLOYMENT_PROPERTIES = frozenset(
    {"DeploymentPreference", "Policies", "ProvisionedConcurrencyConfig", "VpcConfig", "CodeSigningConfigArn"}
)
_PLACEHOLDER_IMAGE = "123456789012.dkr.ecr.us-east-1.amazonaws.com/local"


def translate(document: Document, template: Mapping[str, Any]) -> dict[str, Any]:
    """The CloudFormation template that a SAM template comes to. ``template`` is left as it is.

    Raises TemplateError with every mistake that the translator finds.
    """
    prepared = _prepare(template)
    return _run_translator(document, prepared)


def local_source(code: Any) -> str | None:
    """The local path in a translated ``Code`` or ``Content`` property; None where it is somewhere else."""
    if isinstance(code, str):
        return None if code.startswith(("s3://", "https://")) else code
    if isinstance(code, dict) and code.get("S3Bucket") == LOCAL_BUCKET:
        return unquote(str(code.get("S3Key")))
    return None


def _wrap(location: Any) -> Any:
    """A local path as an address that the translator takes."""
    if isinstance(location, str) and not location.startswith(("s3://", "https://")):
        return f"s3://{LOCAL_BUCKET}/{quote(location, safe='') or '.'}"
    return location


def _prepare(template: Mapping[str, Any]) -> dict[str, Any]:
    """A copy of a template in which everything local has a form that the translator accepts."""
    prepared: dict[str, Any] = json.loads(json.dumps(template))
    functions = (prepared.get("Globals") or {}).get("Function") or {}
    is_image = functions.get("PackageType") == "Image"
    if "CodeUri" in functions:
        functions["CodeUri"] = _wrap(functions["CodeUri"])
    for name in _DEPLOYMENT_PROPERTIES & functions.keys():
        del functions[name]
    resources = prepared["Resources"]
    for logical_id, resource in list(resources.items()):
        kind = resource.get("Type")
        if not isinstance(kind, str) or not kind.startswith(SAM_PREFIX):
            continue
        if kind not in _TRANSLATED_TYPES:
            del resources[logical_id]
            continue
        resource.pop("Connectors", None)
        properties = resource.get("Properties")
        if not isinstance(properties, dict):
            continue
        if kind == f"{SAM_PREFIX}Function":
            _prepare_function(properties, has_global_code="CodeUri" in functions, is_image=is_image)
        elif kind == f"{SAM_PREFIX}LayerVersion" and "ContentUri" in properties:
            properties["ContentUri"] = _wrap(properties["ContentUri"])
    return prepared


def _prepare_function(properties: dict[str, Any], *, has_global_code: bool, is_image: bool) -> None:
    for name in _DEPLOYMENT_PROPERTIES & properties.keys():
        del properties[name]
    if properties.get("PackageType") == "Image" or (is_image and "PackageType" not in properties):
        properties["ImageUri"] = _PLACEHOLDER_IMAGE
    elif "CodeUri" in properties:
        properties["CodeUri"] = _wrap(properties["CodeUri"])
    elif "InlineCode" not in properties and not has_global_code:
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
    # Imported here: it takes about a second, and a plain CloudFormation template does without.
    from samtranslator.model.exceptions import InvalidDocumentException
    from samtranslator.parser.parser import Parser
    from samtranslator.translator.translator import Translator

    translator = Translator({}, Parser(), boto_session=_Session())
    try:
        translated: dict[str, Any] = translator.translate(prepared, {}, get_managed_policy_map=dict)
    except InvalidDocumentException as error:
        mistakes = [_mistake(document, cause.message) for cause in error.causes]
        first, *others = mistakes or [document.error(error.message)]
        first.related = tuple(others)
        raise first from None
    finally:
        translator.metrics.publish()  # nowhere; otherwise it complains on stderr of metrics that are not published
    return translated


_RESOURCE = re.compile(r"^Resource with id \[(?P<id>[^\]]+)\] is invalid\. *(?P<rest>.*)$", re.DOTALL)
_EVENT = re.compile(r"^Event with id \[(?P<id>[^\]]+)\] is invalid\. *(?P<rest>.*)$", re.DOTALL)
_PROPERTY = re.compile(r"[Pp]ropert(?:y|ies) '?(?P<path>[A-Za-z0-9]+(?:\.[A-Za-z0-9]+)*)'?|'(?P<quoted>[A-Za-z.]+)'")


def _mistake(document: Document, message: str) -> TemplateError:
    """One of the translator's complaints, with the place in the template that it is about."""
    match = _RESOURCE.match(message)
    if match is None:
        return document.error(message, ("Resources",))
    keys: tuple[str, ...] = ("Resources", match["id"])
    message = match["rest"]
    properties: Any = (document.data["Resources"].get(match["id"]) or {}).get("Properties") or {}
    if event := _EVENT.match(message):
        name = event["id"].removeprefix(match["id"])
        message = event["rest"]
        events = properties.get("Events") or {}
        keys = (*keys, "Properties", "Events", name if name in events else event["id"])
        properties = (events.get(name) or {}).get("Properties") or {}
    for found in _PROPERTY.finditer(message):
        path = (found["path"] or found["quoted"]).split(".")
        if isinstance(properties, dict) and path[0] in properties:
            return document.error(message, (*keys, "Properties", *path))
    return document.error(message, keys)
