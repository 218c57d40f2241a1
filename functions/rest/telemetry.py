"""Logger, metrics and traces of this function."""

import logging

from stellar_service.telemetry import Telemetry

telemetry = Telemetry("rest")
logger = telemetry.logger

# Mangum tells of the exceptions that `problems` has already logged, with their request's id.
logging.getLogger("mangum").addHandler(logging.NullHandler())
logging.getLogger("mangum").propagate = False
