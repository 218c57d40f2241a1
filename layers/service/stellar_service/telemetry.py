"""Logger, metrics and traces of a function, by Powertools. POWERTOOLS_* variables of the template switch them.

Powertools is what the function lists: this layer brings none.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.logging.utils import copy_config_to_registered_loggers
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.shared.functions import strtobool

Handler = Callable[..., dict[str, Any]]

_LAYERS = ("stellar", "stellar_service")


class Telemetry:
    """What one function, called ``service``, tells of itself."""

    def __init__(self, service: str) -> None:
        self._service = service
        self.logger = Logger(service=service)
        self._metrics = Metrics(namespace="Stellar", service=service)
        # What the layers log (a model swapped in, a champion refused) comes out in the same form.
        for name in _LAYERS:
            logging.getLogger(name).propagate = False
        copy_config_to_registered_loggers(source_logger=self.logger, include=set(_LAYERS))

    def traced(self, handler: Handler) -> Handler:
        """The handler within an X-Ray segment, unless tracing is off: X-Ray's SDK is a third of the cold start."""
        if strtobool(os.environ.get("POWERTOOLS_TRACE_DISABLED", "false")):
            return handler
        from aws_lambda_powertools import Tracer

        tracer = Tracer(service=self._service)
        in_segment: Handler = tracer.capture_lambda_handler(handler, capture_response=False)
        return in_segment

    def count(self, **counts: int) -> None:
        """Add to the counts of this invocation."""
        for name, number in counts.items():
            self._metrics.add_metric(name, MetricUnit.Count, number)

    def flush(self) -> None:
        """Print this invocation's counts, if it has any, in CloudWatch's embedded metric format."""
        if self._metrics.metric_set:
            self._metrics.flush_metrics()
            self._metrics.clear_metrics()
