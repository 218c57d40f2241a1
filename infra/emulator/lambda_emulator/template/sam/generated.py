"""The resources that SAM makes of what is left out of the translation here: roles, rules and permissions.

Mirrors "Generated AWS CloudFormation resources" of the SAM specification. Templates refer to them by the ids that SAM
gives them, so that a reference to a state machine's role or a schedule's rule has the value that it has on AWS.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from lambda_emulator.template.values import as_mapping

_FUNCTION = "AWS::Serverless::Function"
_STATE_MACHINE = "AWS::Serverless::StateMachine"
_ROLE = "AWS::IAM::Role"
_MAPPING = "AWS::Lambda::EventSourceMapping (left out)"  # to refer to, not to be read as one
_RULE = "AWS::Events::Rule"

_EVENTS: Mapping[str, tuple[str, ...]] = {
    "CloudWatchEvent": (_RULE, "Permission"),
    "CloudWatchLogs": ("AWS::Logs::SubscriptionFilter", "Permission"),
    "DocumentDB": (_MAPPING,),
    "DynamoDB": (_MAPPING,),
    "EventBridgeRule": (_RULE, "Permission"),
    "IoTRule": ("AWS::IoT::TopicRule", "Permission"),
    "Kinesis": (_MAPPING,),
    "MQ": (_MAPPING,),
    "S3": ("", "Permission"),
    "SNS": ("AWS::SNS::Subscription", "Permission"),
    "Schedule": (_RULE, "Permission"),
    "ScheduleV2": ("AWS::Scheduler::Schedule", "Role"),
}
"""The type of resource that an event of a function becomes, and the end of the id of what grants it its right."""

_DEPLOYMENT = {
    "ServerlessDeploymentApplication": "AWS::CodeDeploy::Application",
    "CodeDeployServiceRole": _ROLE,
}


def generated_resources(template: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The resources by logical id, each with its type alone."""
    return {logical_id: {"Type": kind} for logical_id, kind in _generated(template) if kind}


def _generated(template: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for logical_id, resource in template["Resources"].items():
        properties = as_mapping(resource.get("Properties"))
        events = as_mapping(properties.get("Events"))
        if resource["Type"] == _STATE_MACHINE:
            if "Role" not in properties:
                yield f"{logical_id}Role", _ROLE
            for name, event in events.items():
                scheduled = as_mapping(event).get("Type") == "ScheduleV2"
                yield f"{logical_id}{name}", "AWS::Scheduler::Schedule" if scheduled else _RULE
                yield f"{logical_id}{name}Role", _ROLE
        elif resource["Type"] == _FUNCTION:
            if properties.get("DeploymentPreference"):
                yield f"{logical_id}DeploymentGroup", "AWS::CodeDeploy::DeploymentGroup"
                yield from _DEPLOYMENT.items()
            for name, event in events.items():
                kind, *rights = _EVENTS.get(str(as_mapping(event).get("Type")), ("",))
                yield f"{logical_id}{name}", kind
                for end in rights:
                    yield f"{logical_id}{name}{end}", _ROLE if end == "Role" else "AWS::Lambda::Permission"
