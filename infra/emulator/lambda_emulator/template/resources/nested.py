"""Nested stacks: the templates that a template names.

Mirrors ``AWS::CloudFormation::Stack`` of the CloudFormation template reference and ``AWS::Serverless::Application``
of SAM's. What a nested stack holds is known by its own logical id below that of the nested stack: ``Child/Function``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from lambda_emulator.stack import Api, Function, LambdaAuthorizer, Stack
from lambda_emulator.template.resources.catalog import Resource
from lambda_emulator.template.values import as_text

LOCATIONS: Mapping[str, str] = {
    "AWS::CloudFormation::Stack": "TemplateURL",
    "AWS::Serverless::Application": "Location",
}
"""The types of nested stacks, and the property that names the template of each."""


def local_template(resource: Resource) -> str | None:
    """The path of a nested stack's template; None where it is not on this machine."""
    if asset := resource.asset_path("TemplateURL"):
        return asset
    location = resource.get(LOCATIONS[resource.type], tolerant=True)
    if not isinstance(location, str) or location.startswith(("s3://", "https://", "http://", "arn:", "{{resolve:")):
        return None
    return location


def nested_parameters(resource: Resource) -> dict[str, str]:
    """The parameters that a nested stack is given. What is only known in AWS is given by its name."""
    parameters = resource.get("Parameters", {}, tolerant=True)
    return {
        name: ",".join(map(as_text, value)) if isinstance(value, list) else as_text(value)
        for name, value in (parameters if isinstance(parameters, dict) else {}).items()
    }


def nested_overrides(resource: Resource, overrides: Mapping[str, Mapping[str, str]]) -> dict[str, Mapping[str, str]]:
    """The ``--env-vars`` for a nested stack. A function may also be called by its place there: ``Child/Function``."""
    place = f"{resource.logical_id}/"
    placed = {name.removeprefix(place): values for name, values in overrides.items() if name.startswith(place)}
    return {**overrides, **placed}


def below(stack: Stack, parent: Resource) -> Stack:
    """What a nested stack adds to its parent, every logical id below that of the nested stack."""

    def placed(name: str) -> str:
        return f"{parent.logical_id}/{name}"

    def function(item: Function) -> Function:
        return replace(item, logical_id=placed(item.logical_id), construct=f"{parent.construct}/{item.construct}")

    def api(item: Api) -> Api:
        return replace(
            item,
            logical_id=placed(item.logical_id),
            routes=tuple(
                replace(route, function=placed(route.function)) if route.function else route for route in item.routes
            ),
            authorizers=tuple(
                replace(authorizer, function=placed(authorizer.function))
                if isinstance(authorizer, LambdaAuthorizer)
                else authorizer
                for authorizer in item.authorizers
            ),
        )

    return replace(
        stack,
        functions={placed(name): function(item) for name, item in stack.functions.items()},
        apis=tuple(map(api, stack.apis)),
        event_sources=tuple(
            replace(source, logical_id=placed(source.logical_id), function=placed(source.function))
            for source in stack.event_sources
        ),
        schedules=tuple(
            replace(schedule, logical_id=placed(schedule.logical_id), function=placed(schedule.function))
            for schedule in stack.schedules
        ),
        unavailable={placed(name): reason for name, reason in stack.unavailable.items()},
    )


def with_children(stack: Stack, children: Iterable[Stack]) -> Stack:
    """A stack with what its nested stacks add to it."""
    for child in children:
        stack = replace(
            stack,
            functions={**stack.functions, **child.functions},
            apis=(*stack.apis, *child.apis),
            event_sources=(*stack.event_sources, *child.event_sources),
            schedules=(*stack.schedules, *child.schedules),
            unavailable={**stack.unavailable, **child.unavailable},
            warnings=(*stack.warnings, *child.warnings),
        )
    return stack
