"""Numbers and booleans where a parameter gave their text.

CloudFormation's parameters are texts, and it converts them to what each property wants. The SAM translator and the
event source mapping look at the type themselves, for the properties listed here.
"""

from __future__ import annotations

import re
from typing import Any

_NUMBERS = frozenset(
    {
        "BatchSize",
        "MaximumConcurrency",
        "MaximumPollers",
        "MaximumBatchingWindowInSeconds",
        "MaximumRecordAgeInSeconds",
        "MaximumRetryAttempts",
        "MinimumCompressionSize",
        "MinimumPollers",
        "StartingPositionTimestamp",
        "TimeoutInMillis",
    }
)
_SWITCHES = frozenset(
    {
        "AddDefaultAuthorizerToCorsPreflight",
        "AllowCredentials",
        "ApiKeyRequired",
        "BisectBatchOnFunctionError",
        "CorsConfiguration",
        "DisableExecuteApiEndpoint",
        "EnableIamAuthorizer",
        "EnableSimpleResponses",
        "Enabled",
        "FailOnWarnings",
        "MergeDefinitions",
        "PropagateTags",
    }
)
_NUMBER = re.compile(r"0|-?[1-9][0-9]*")


def with_types(value: Any) -> Any:
    """A copy of ``value``, in which the properties listed here are numbers and booleans. Other texts stay texts."""
    if isinstance(value, list):
        return [with_types(item) for item in value]
    if not isinstance(value, dict):
        return value
    result = {name: with_types(item) for name, item in value.items()}
    for name, item in result.items():
        if name in _NUMBERS and isinstance(item, str) and _NUMBER.fullmatch(item):
            result[name] = int(item)
        elif name in _SWITCHES and item in ("true", "false"):
            result[name] = item == "true"
    return result
