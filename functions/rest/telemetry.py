"""Logger and metrics of this function. Their names and levels come from POWERTOOLS_* variables of the template."""

import logging

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.logging.utils import copy_config_to_registered_loggers
from aws_lambda_powertools.metrics import MetricUnit

logger = Logger(service="rest")
metrics = Metrics(namespace="Stellar", service="rest")
# What the layer logs (a model swapped in, a champion refused) comes out in the same form.
copy_config_to_registered_loggers(source_logger=logger, include={"stellar"})
logging.getLogger("stellar").propagate = False
# Mangum tells of the exceptions that `problems` has already logged, with their request's id.
logging.getLogger("mangum").addHandler(logging.NullHandler())


def count_predictions(number: int) -> None:
    """Add to the number of classified objects."""
    metrics.add_metric("Predictions", MetricUnit.Count, number)


def flush_metrics() -> None:
    """Print this invocation's metrics, if it has any, in CloudWatch's embedded metric format."""
    if metrics.metric_set:
        metrics.flush_metrics()
        metrics.clear_metrics()
