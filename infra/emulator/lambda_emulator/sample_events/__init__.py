"""Sample events of AWS services, to try a function with.

Names of services, events and options are those of ``sam local generate-event``, for the events that Python functions
get most. Each sample is a function whose keyword arguments, all of them text, are the options of its command.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from lambda_emulator.sample_events import gateway, messages, streams

Build = Callable[..., dict[str, Any]]

SAMPLES: Mapping[str, Mapping[str, Build]] = {
    "apigateway": {"aws-proxy": gateway.aws_proxy, "http-api-proxy": gateway.http_api_proxy},
    "cloudwatch": {"scheduled-event": messages.scheduled_event},
    "dynamodb": {"update": streams.dynamodb_update},
    "kinesis": {"get-records": streams.kinesis_get_records},
    "s3": {"delete": messages.s3_delete, "put": messages.s3_put},
    "sns": {"notification": messages.sns_notification},
    "sqs": {"receive-message": messages.sqs_receive_message},
}
"""By service and event."""
