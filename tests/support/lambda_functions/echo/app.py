"""Gives back what it was called with, and what it can see of its environment."""

import os
import sys
from pathlib import Path

CALLS = 0


def lambda_handler(event, context):
    return event


def describe(event, context):
    """What the function sees."""
    global CALLS
    CALLS += 1
    return {
        "calls": CALLS,
        "pid": os.getpid(),
        "cwd": str(Path.cwd()),
        "path": sys.path,
        "variables": dict(os.environ),
        "request_id": context.aws_request_id,
        "arn": context.invoked_function_arn,
        "function_name": context.function_name,
        "memory_limit": context.memory_limit_in_mb,
        "log_stream": context.log_stream_name,
        "remaining_ms": context.get_remaining_time_in_millis(),
        "custom": context.client_context.custom if context.client_context else None,
    }
