"""Logger, metrics and traces of this function."""

import logging

from stellar_service.telemetry import Telemetry

telemetry = Telemetry("graphql")
logger = telemetry.logger

# Strawberry logs every error of a client's as an error of ours; `errors` tells them apart and logs our own.
logging.getLogger("strawberry.execution").disabled = True
