"""Where in the author's template something comes from that the SAM translation made or renamed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lambda_emulator.template.source.keys import Keys
from lambda_emulator.template.values import as_mapping

_WRITTEN_AS: Mapping[str, tuple[str, ...]] = {
    "Body": ("DefinitionBody", "DefinitionUri", "BodyS3Location"),
    "Code": ("CodeUri", "InlineCode", "ImageUri"),
    "Content": ("ContentUri",),
    "CorsConfiguration": ("Cors",),
    "DeadLetterConfig": ("DeadLetterQueue",),
    "TemplateURL": ("Location",),
}
"""What a property of CloudFormation is called in SAM."""

_MADE_FROM: Mapping[str, str] = {"EventInvokeConfig": "EventInvokeConfig", "Url": "FunctionUrlConfig"}
"""The ends of the logical ids that SAM makes from one property of a function, and that property."""


def written_keys(template: Mapping[str, Any], keys: Keys) -> Keys:
    """The place in ``template`` that ``keys``, a place in its translation, goes back to."""
    if len(keys) < 2 or keys[0] != "Resources":
        return keys
    resources = template.get("Resources") or {}
    logical_id = str(keys[1])
    if logical_id not in resources:
        return _of_generated(resources, logical_id, keys)
    properties = as_mapping(as_mapping(resources[logical_id]).get("Properties"))
    if len(keys) > 3 and keys[2] == "Properties" and keys[3] not in properties:
        names = _WRITTEN_AS.get(str(keys[3]), ())
        resource_type = str(as_mapping(resources[logical_id]).get("Type"))
        shared = as_mapping(as_mapping(template.get("Globals")).get(resource_type.removeprefix("AWS::Serverless::")))
        for name in (str(keys[3]), *names):
            if name in properties:
                return (*keys[:3], name, *keys[4:])
            if name in shared:
                return ("Globals", resource_type.removeprefix("AWS::Serverless::"), name, *keys[4:])
        if names and resource_type.startswith("AWS::Serverless::"):
            return (*keys[:3], names[0], *keys[4:])
    return keys


def _of_generated(resources: Mapping[str, Any], logical_id: str, keys: Keys) -> Keys:
    """SAM names what it makes after the resource, and then the event, that asked for it."""
    parents = [name for name in resources if logical_id.startswith(name)]
    if not parents:
        return keys
    parent = max(parents, key=len)
    events = as_mapping(as_mapping(as_mapping(resources[parent]).get("Properties")).get("Events"))
    rest = logical_id.removeprefix(parent)
    if rest in events:
        return ("Resources", parent, "Properties", "Events", rest, *keys[2:])
    if rest in _MADE_FROM:
        return ("Resources", parent, "Properties", _MADE_FROM[rest], *keys[3:])
    if str(as_mapping(resources[parent]).get("Type")).endswith(
        "::LayerVersion"
    ):  # SAM puts a hash behind a layer's name
        return written_keys({"Resources": resources}, ("Resources", parent, *keys[2:]))
    return ("Resources", parent)
