"""The schedules of a translated template.

Mirrors ``AWS::Events::Rule`` and ``AWS::Scheduler::Schedule`` of the CloudFormation template reference.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from lambda_emulator.schedules.expression import InvalidScheduleError, timing_of
from lambda_emulator.stack import InputTransformer, Schedule, split_reference
from lambda_emulator.template.resources.catalog import Catalog, Resource
from lambda_emulator.template.resources.function_index import FunctionIndex
from lambda_emulator.template.values import as_list, as_mapping, as_text

_SCHEDULER = "AWS::Scheduler::Schedule"


def read_schedules(catalog: Catalog, index: FunctionIndex) -> Iterator[Schedule]:
    """Every schedule whose target is a function of the template.

    Others, and those that AWS would refuse, are left out with a warning.

    Raises TemplateError.
    """
    for resource in (*catalog.of_type("AWS::Events::Rule"), *catalog.of_type(_SCHEDULER)):
        if "ScheduleExpression" not in resource:
            continue
        for number, target in enumerate(_targets(resource)):
            schedule = _read(catalog, index, resource, as_mapping(target), number)
            if schedule is not None and _valid(catalog, resource, schedule):
                yield schedule


def _targets(resource: Resource) -> Sequence[Any]:
    """A rule has several, a schedule one."""
    if resource.type == _SCHEDULER:
        return [resource.get("Target", {}, tolerant=True)]
    return as_list(resource.get("Targets", [], tolerant=True))


def _valid(catalog: Catalog, resource: Resource, schedule: Schedule) -> bool:
    try:
        timing_of(schedule, datetime.now(UTC))
    except InvalidScheduleError as error:
        catalog.warn(str(resource.error(f"{error}; it is left out, and AWS refuses it", error.name)))
        return False
    return True


def _read(
    catalog: Catalog, index: FunctionIndex, resource: Resource, target: Mapping[str, Any], number: int
) -> Schedule | None:
    target_arn = as_text(target.get("Arn"))
    function = index.find(target_arn)
    scheduled = resource.type == _SCHEDULER
    if function is None:
        place = "Target" if scheduled else "ScheduleExpression"
        catalog.warn(f"{resource.error('', place).place}: the target is no function of this template; it is left out")
        return None
    retries = as_mapping(target.get("RetryPolicy"))
    return Schedule(
        logical_id=resource.logical_id + (f".{as_text(target.get('Id', number))}" if number else ""),
        function=function,
        source="scheduler" if scheduled else "rule",
        arn=_arn(catalog, resource),
        target=target_arn,
        expression=resource.text("ScheduleExpression") or "",
        timezone=(resource.text("ScheduleExpressionTimezone") if scheduled else None) or "UTC",
        enabled=str(resource.get("State", "ENABLED")).startswith("ENABLED"),
        qualifier=split_reference(target_arn)[1],
        input=_input(target.get("Input")),
        input_path=_input(target.get("InputPath")),
        transformer=_transformer(as_mapping(target.get("InputTransformer"))),
        start=resource.text("StartDate") if scheduled else None,
        end=resource.text("EndDate") if scheduled else None,
        maximum_retry_attempts=_whole(resource, retries, "MaximumRetryAttempts", 185),
        maximum_event_age_seconds=_whole(resource, retries, "MaximumEventAgeInSeconds", 86_400),
        dead_letter=as_mapping(target.get("DeadLetterConfig")).get("Arn"),
    )


def _arn(catalog: Catalog, resource: Resource) -> str:
    arn = str(catalog.attribute(resource.logical_id, "Arn"))
    group = resource.get("GroupName", tolerant=True) if resource.type == _SCHEDULER else None
    return arn.replace(":schedule/default/", f":schedule/{group}/") if group else arn


def _input(value: Any) -> str | None:
    """The text of an input; what an author wrote as data is its JSON."""
    return json.dumps(value) if isinstance(value, dict | list) else None if value is None else as_text(value)


def _transformer(written: Mapping[str, Any]) -> InputTransformer | None:
    if written.get("InputTemplate") is None:
        return None
    paths = {name: as_text(path) for name, path in as_mapping(written.get("InputPathsMap")).items()}
    return InputTransformer(_input(written["InputTemplate"]) or "", paths)


def _whole(resource: Resource, values: Mapping[str, Any], name: str, default: int) -> int:
    try:
        return int(as_text(values.get(name, default)))
    except ValueError:
        message = f"RetryPolicy.{name} must be a whole number, not {values[name]!r}"
        raise resource.error(message, "ScheduleExpression") from None
