"""The model behind this function, loaded in the init phase."""

from telemetry import telemetry  # noqa: F401 - first, so that what goes wrong here is logged in its form

from stellar_service.model import ServedModel

model = ServedModel()
