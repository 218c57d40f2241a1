"""Logger, metrics and traces of this function. POWERTOOLS_* variables of the template switch them."""

import logging
import os
from collections.abc import Callable
from typing import Any

from aws_lambda_powertools import Logger, Metrics, Tracer
from aws_lambda_powertools.logging.utils import copy_config_to_registered_loggers
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.shared.functions import strtobool

Handler = Callable[..., dict[str, Any]]

SERVICE = "graphql"

logger = Logger(service=SERVICE)
metrics = Metrics(namespace="Stellar", service=SERVICE)
# What the layer logs (a model swapped in, a champion refused) comes out in the same form.
copy_config_to_registered_loggers(source_logger=logger, include={"stellar"})
logging.getLogger("stellar").propagate = False
# Strawberry logs every error of a client's as an error of ours; `errors` tells them apart and logs our own.
logging.getLogger("strawberry.execution").disabled = True


def traced(handler: Handler) -> Handler:
    """The handler within an X-Ray segment, unless tracing is off: X-Ray's SDK is a third of the cold start."""
    if strtobool(os.environ.get("POWERTOOLS_TRACE_DISABLED", "false")):
        return handler
    handler_in_segment: Handler = Tracer(service=SERVICE).capture_lambda_handler(handler, capture_response=False)
    return handler_in_segment


def count_predictions(number: int) -> None:
    """Add to the number of classified objects."""
    metrics.add_metric("Predictions", MetricUnit.Count, number)


def flush_metrics() -> None:
    """Print this invocation's metrics, if it has any, in CloudWatch's embedded metric format."""
    if metrics.metric_set:
        metrics.flush_metrics()
        metrics.clear_metrics()
