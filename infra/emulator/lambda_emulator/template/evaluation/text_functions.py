"""The intrinsic functions that need nothing but their arguments: texts, lists and address blocks.

Mirrors "Intrinsic function reference" in the CloudFormation User Guide. Each takes its argument, already evaluated,
and raises ValueError where it is not of the form that the guide gives.
"""

from __future__ import annotations

import base64
import ipaddress
import itertools
import json
from collections.abc import Callable, Mapping
from typing import Any

from lambda_emulator.template.values import as_text


def _join(argument: Any) -> str:
    delimiter, items = _pair(argument, "a delimiter and a list")
    if not isinstance(delimiter, str) or not isinstance(items, list):
        raise ValueError("takes a delimiter and a list")
    if any(isinstance(item, dict | list) for item in items):
        raise ValueError("joins texts, not lists or mappings")
    return delimiter.join(map(as_text, items))


def _split(argument: Any) -> list[str]:
    delimiter, text = _pair(argument, "a delimiter and a text")
    if not isinstance(delimiter, str) or not delimiter or isinstance(text, dict | list):
        raise ValueError("takes a delimiter and a text")
    return as_text(text).split(delimiter)


def _select(argument: Any) -> Any:
    index, items = _pair(argument, "an index and a list")
    if not isinstance(items, list) or not as_text(index).isdecimal():
        raise ValueError("takes an index and a list")
    if int(index) >= len(items):
        raise ValueError(f"asks for item {index} of a list of {len(items)}")
    return items[int(index)]


def _base64(argument: Any) -> str:
    return base64.b64encode(as_text(argument).encode()).decode()


def _length(argument: Any) -> int:
    if not isinstance(argument, list):
        raise ValueError("takes a list")
    return len(argument)


def _to_json_string(argument: Any) -> str:
    return json.dumps(argument, separators=(",", ":"))


def _get_azs(argument: Any) -> list[str]:
    return [f"{as_text(argument)}{zone}" for zone in "abcdef"]


def _cidr(argument: Any) -> list[str]:
    if not isinstance(argument, list) or len(argument) not in (2, 3):
        raise ValueError("takes an address block, a count and the size of a subnet in bits")
    block, count, *bits = argument
    network = ipaddress.ip_network(as_text(block))
    subnets = network.subnets(new_prefix=network.max_prefixlen - int(bits[0] if bits else 8))
    return [str(subnet) for subnet in itertools.islice(subnets, int(count))]


def _pair(argument: Any, wanted: str) -> tuple[Any, Any]:
    if not isinstance(argument, list) or len(argument) != 2:
        raise ValueError(f"takes {wanted}")
    return argument[0], argument[1]


TEXT_FUNCTIONS: Mapping[str, Callable[[Any], Any]] = {
    "Fn::Base64": _base64,
    "Fn::Cidr": _cidr,
    "Fn::GetAZs": _get_azs,
    "Fn::Join": _join,
    "Fn::Length": _length,
    "Fn::Select": _select,
    "Fn::Split": _split,
    "Fn::ToJsonString": _to_json_string,
}
