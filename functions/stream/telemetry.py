"""Logger and metrics of this function. POWERTOOLS_* variables of the template switch them."""

import logging

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.logging.utils import copy_config_to_registered_loggers
from aws_lambda_powertools.metrics import MetricUnit

SERVICE = "stream"

logger = Logger(service=SERVICE)
metrics = Metrics(namespace="Stellar", service=SERVICE)
# What the layer logs (a model swapped in, a champion refused) comes out in the same form.
copy_config_to_registered_loggers(source_logger=logger, include={"stellar"})
logging.getLogger("stellar").propagate = False


def publish_counts(**counts: int) -> None:
    """Print this invocation's counts in CloudWatch's embedded metric format."""
    for name, count in counts.items():
        metrics.add_metric(name, MetricUnit.Count, count)
    metrics.flush_metrics()
    metrics.clear_metrics()
