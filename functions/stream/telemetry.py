"""Logger and metrics of this function."""

from stellar_service.telemetry import Telemetry

telemetry = Telemetry("stream")
logger = telemetry.logger
