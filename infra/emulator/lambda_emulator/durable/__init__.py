"""Durable functions: executions that are checkpointed, suspended and replayed.

Mirrors "Lambda durable functions" in the AWS Lambda Developer Guide. The executions themselves are kept by AWS's own
testing engine (``aws-durable-execution-sdk-python-testing``), in a process of its own; what is here starts it,
brings invocations to it and its invocations to the functions, and passes on the calls of the Lambda API that are its.
"""

from lambda_emulator.durable.service import DurableService, needed

__all__ = ["DurableService", "needed"]
