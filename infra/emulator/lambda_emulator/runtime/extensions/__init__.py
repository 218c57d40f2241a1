"""Extensions: ``api`` has their processes and the Extensions API, ``telemetry`` what they subscribe to."""

from lambda_emulator.runtime.extensions.api import Extensions, extension_files
from lambda_emulator.runtime.extensions.telemetry import Telemetry

__all__ = ["Extensions", "Telemetry", "extension_files"]
