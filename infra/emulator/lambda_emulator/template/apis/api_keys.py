"""API keys and usage plans of REST APIs.

Mirrors ``AWS::ApiGateway::ApiKey``, ``UsagePlan`` and ``UsagePlanKey`` of the CloudFormation template reference.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any

from lambda_emulator.stack import ApiKey, Quota, UsagePlan
from lambda_emulator.template.apis.throttles import read_throttle
from lambda_emulator.template.resources.catalog import Catalog, Resource
from lambda_emulator.template.values import as_list, as_mapping, as_text

_KEY_LENGTH = 40


def read_usage_plans(catalog: Catalog, api: Resource, stage: str) -> tuple[UsagePlan, ...]:
    """The plans of the API's stage, each with its keys. Raises TemplateError."""
    keys = {as_text(catalog.ref(each.logical_id)): each for each in catalog.of_type("AWS::ApiGateway::ApiKey")}
    return (*_plans(catalog, api, stage, keys), *_of_stage_keys(catalog, api, stage, keys))


def _plans(catalog: Catalog, api: Resource, stage: str, keys: Mapping[str, Resource]) -> Iterator[UsagePlan]:
    links = list(catalog.of_type("AWS::ApiGateway::UsagePlanKey"))
    for plan in catalog.of_type("AWS::ApiGateway::UsagePlan"):
        served = _serving(catalog, api, stage, plan.get("ApiStages", [], tolerant=True), "ApiId", "Stage")
        if served is None:
            continue
        reference = catalog.ref(plan.logical_id)
        chosen = [
            keys[as_text(link.get("KeyId", tolerant=True))]
            for link in links
            if link.get("UsagePlanId", tolerant=True) == reference and as_text(link.get("KeyId", tolerant=True)) in keys
        ]
        yield UsagePlan(
            plan.logical_id,
            tuple(_key(catalog, key) for key in chosen),
            read_throttle(plan.mapping("Throttle")),
            _quota(plan),
            {path: limit for path, each in served.items() if (limit := read_throttle(as_mapping(each)))},
        )


def _of_stage_keys(catalog: Catalog, api: Resource, stage: str, keys: Mapping[str, Resource]) -> Iterator[UsagePlan]:
    """What keys that name a stage by themselves come to: a plan without limits."""
    for key in keys.values():
        stages = key.get("StageKeys", [], tolerant=True)
        if _serving(catalog, api, stage, stages, "RestApiId", "StageName") is not None:
            yield UsagePlan(f"{key.logical_id}.StageKeys", (_key(catalog, key),))


def _serving(
    catalog: Catalog, api: Resource, stage: str, stages: Any, api_name: str, stage_name: str
) -> Mapping[str, Any] | None:
    """The throttles by method of the entry that names the API's stage; None where no entry does."""
    reference = catalog.ref(api.logical_id)
    for entry in map(as_mapping, as_list(stages)):
        if entry.get(api_name) == reference and as_text(entry.get(stage_name)) == stage:
            return as_mapping(entry.get("Throttle"))
    return None


def _key(catalog: Catalog, key: Resource) -> ApiKey:
    value = key.text("Value")
    if not value:
        value = hashlib.sha256(key.logical_id.encode()).hexdigest()[:_KEY_LENGTH]
        catalog.warn(f"{key.logical_id} has no Value, so AWS makes one; here it is {value}")
    return ApiKey(key.logical_id, value, enabled=as_text(key.get("Enabled", False)) == "true")


def _quota(plan: Resource) -> Quota | None:
    settings = plan.mapping("Quota")
    if settings.get("Limit") is None:
        return None
    period = as_text(settings.get("Period")).upper()
    if period not in ("DAY", "WEEK", "MONTH"):
        raise plan.error("Period must be DAY, WEEK or MONTH", "Quota")
    return Quota(plan.integer("Quota", 0, "Limit"), period, plan.integer("Quota", 0, "Offset"))  # type: ignore[arg-type]
