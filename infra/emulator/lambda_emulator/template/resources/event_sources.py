"""Event source mappings of a translated template.

Mirrors ``AWS::Lambda::EventSourceMapping`` of the CloudFormation template reference.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from lambda_emulator.stack import EventSource
from lambda_emulator.template.resources.catalog import Catalog, Resource
from lambda_emulator.template.resources.function_index import FunctionIndex
from lambda_emulator.template.sam.typed import with_types
from lambda_emulator.template.values import as_text


def read_event_sources(catalog: Catalog, index: FunctionIndex) -> Iterator[EventSource]:
    """Every mapping of Kafka or SQS whose function is in the template. Others are passed over with a warning.

    Raises TemplateError.
    """
    for resource in catalog.of_type("AWS::Lambda::EventSourceMapping"):
        kind = _kind(resource)
        if kind is None:
            place = resource.error("", "EventSourceArn").place
            catalog.warn(f"{place}: records of this source are not brought to functions here")
            continue
        function = index.find(resource.get("FunctionName", tolerant=True))
        if function is None:
            catalog.warn(f"{resource.logical_id} is left out: its function is not in this template")
            continue
        properties = {name: resource.get(name, tolerant=True) for name in resource.properties if name != "FunctionName"}
        yield EventSource(
            logical_id=resource.logical_id,
            function=function,
            kind=kind,
            properties=with_types({name: value for name, value in properties.items() if value is not None}),
        )


def _kind(resource: Resource) -> Literal["MSK", "SelfManagedKafka", "SQS"] | None:
    if "SelfManagedEventSource" in resource:
        return "SelfManagedKafka"
    if "AmazonManagedKafkaEventSourceConfig" in resource or "Topics" in resource:
        return "MSK"
    if ":sqs:" in as_text(resource.get("EventSourceArn", "", tolerant=True)):
        return "SQS"
    return None
