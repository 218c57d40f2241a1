"""A CloudFormation stack: made or changed, and waited for."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from botocore.exceptions import ClientError

from stellar_deploy.errors import DeployError

_POLL_SECONDS = 1.0
_PATIENCE_SECONDS = 600.0


def apply(
    cloudformation: Any,
    name: str,
    template_url: str,
    parameters: Mapping[str, str],
    say: Callable[[str], None],
) -> None:
    """Make the stack with this boto3 client, or change the one that is there.

    Raises DeployError with the first reason that is given.
    """
    arguments = {
        "StackName": name,
        "TemplateURL": template_url,
        "Parameters": [{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
        "Capabilities": ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"],
    }
    try:
        if _status(cloudformation, name) is None:
            cloudformation.create_stack(**arguments)
        else:
            cloudformation.update_stack(**arguments)
    except ClientError as error:
        if "No updates are to be performed" in str(error):
            return
        raise DeployError(f"CloudFormation refuses the stack {name}: {error}") from None
    _wait(cloudformation, name, say)


def _status(cloudformation: Any, name: str) -> str | None:
    """None where there is no such stack."""
    try:
        stacks = cloudformation.describe_stacks(StackName=name)["Stacks"]
    except ClientError as error:
        if "does not exist" in str(error):
            return None
        raise
    status = stacks[0]["StackStatus"]
    return None if status == "DELETE_COMPLETE" else str(status)


def _wait(cloudformation: Any, name: str, say: Callable[[str], None]) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    told = ""
    while True:
        status = _status(cloudformation, name) or "gone"
        if status != told:
            say(f"stack {name}: {status}")
            told = status
        if status in ("CREATE_COMPLETE", "UPDATE_COMPLETE"):
            return
        if not status.endswith("_IN_PROGRESS") or "ROLLBACK" in status:
            raise DeployError(f"the stack {name} is {status}. {_reason(cloudformation, name)}")
        if time.monotonic() > deadline:
            raise DeployError(f"the stack {name} is still {status} after {_PATIENCE_SECONDS:.0f} s")
        time.sleep(_POLL_SECONDS)


def _reason(cloudformation: Any, name: str) -> str:
    """What the first resource says that failed."""
    events = cloudformation.describe_stack_events(StackName=name)["StackEvents"]
    failed = [each for each in events if each.get("ResourceStatus", "").endswith("_FAILED")]
    if not failed:
        return ""
    return f"{failed[-1]['LogicalResourceId']}: {failed[-1].get('ResourceStatusReason', 'no reason given')}"


def resource(cloudformation: Any, name: str, logical_id: str) -> str:
    """The physical id of a resource of the stack."""
    detail = cloudformation.describe_stack_resource(StackName=name, LogicalResourceId=logical_id)
    return str(detail["StackResourceDetail"]["PhysicalResourceId"])
