"""Execution environments and what runs them: ``LambdaService`` is the whole of it to the rest of the package."""

from lambda_emulator.runtime.logs import LogSink
from lambda_emulator.runtime.service import LambdaService

__all__ = ["LambdaService", "LogSink"]
