"""The parameters of a template and the values they have for this run.

Mirrors "Parameters section structure" in the CloudFormation User Guide: types, AllowedValues, AllowedPattern, lengths
and limits. Every value is text, or a list of text for the list types.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from lambda_emulator.arn import ACCOUNT_ID, REGION, Location
from lambda_emulator.stack import STACK_NAME
from lambda_emulator.template.errors import TemplateError
from lambda_emulator.template.source.document import Document
from lambda_emulator.template.values import as_text

_STACK_UUID = "51af3dc0-da77-11e4-872e-1234567db123"

# The values that `sam local` gives, where AWS's would depend on a deployment.
PSEUDO_PARAMETERS: Mapping[str, Any] = {
    "AWS::AccountId": ACCOUNT_ID,
    "AWS::NotificationARNs": [],
    "AWS::Partition": "aws",
    "AWS::Region": REGION,
    "AWS::StackId": "",  # of the region and the account
    "AWS::StackName": STACK_NAME,
    "AWS::URLSuffix": "localhost",
}

_STORED = "AWS::SSM::Parameter::Value<"
_LONG_FORM = re.compile(r"ParameterKey=(?P<key>[^,]+),ParameterValue=(?P<value>.*)", re.DOTALL)
_QUOTED = re.compile(r"""(["'])(.*)\1""", re.DOTALL)


def parse_parameter_overrides(arguments: Sequence[str]) -> dict[str, str]:
    """The values of ``--parameter-overrides``, in either of the forms that the AWS CLI and SAM take.

    ``Key=Value`` and ``ParameterKey=Key,ParameterValue=Value``; several may stand in one argument, parted by
    blanks, a value with blanks in quotes. Raises TemplateError.
    """
    values: dict[str, str] = {}
    for word in (word for argument in arguments for word in _words(argument)):
        long_form = _LONG_FORM.fullmatch(word)
        key, separator, value = long_form.group("key", "key", "value") if long_form else word.partition("=")
        if not separator or not key.strip():
            raise TemplateError(
                f"--parameter-overrides {word!r}: write Key=Value or ParameterKey=Key,ParameterValue=Value"
            )
        quoted = _QUOTED.fullmatch(value)
        values[key.strip()] = quoted[2] if quoted else value
    return values


def _words(argument: str) -> list[str]:
    """The overrides in one argument. The shell has already taken the quotes of an argument that holds only one."""
    if not any(map(str.isspace, argument)):
        return [argument]
    try:
        words = shlex.split(argument)
    except ValueError as error:
        raise TemplateError(f"--parameter-overrides {argument!r}: {error}") from None
    return words if all("=" in word for word in words) else [argument]


def parameter_values(document: Document, overrides: Mapping[str, str]) -> dict[str, Any]:
    """The value of every parameter that has one, and of the pseudo parameters. Raises TemplateError.

    A parameter with neither default nor override is left out: it matters only where something needs it. As in sam
    local, an override is the value of what a template refers to and does not declare.
    """
    values = {name: overrides.get(name, value) for name, value in PSEUDO_PARAMETERS.items()}
    values["AWS::StackId"] = overrides.get("AWS::StackId") or location(values).arn(
        "cloudformation", f"stack/{STACK_NAME}/{_STACK_UUID}"
    )
    values |= {name: overrides[name] for name in overrides.keys() - (document.data.get("Resources") or {}).keys()}
    for name, definition in (document.data.get("Parameters") or {}).items():
        keys = ("Parameters", name)
        if not isinstance(definition, dict):
            raise document.error("a parameter is a mapping with a Type", keys)
        raw = overrides.get(name, definition.get("Default"))
        if raw is None:
            continue
        kind = as_text(definition.get("Type", "String"))
        if _is_list(kind):
            written = raw if isinstance(raw, list) else as_text(raw).split(",")
            items = [as_text(item).strip() for item in written] if raw != "" else []
            if as_text(raw) not in map(as_text, definition.get("AllowedValues") or []):
                for item in items:
                    _check(document, keys, definition, kind, item)
            values[name] = items
        else:
            _check(document, keys, definition, kind, as_text(raw))
            values[name] = as_text(raw)
    return values


def location(values: Mapping[str, Any]) -> Location:
    """Where the stack is, by the values of its pseudo parameters."""
    return Location(as_text(values["AWS::Region"]), as_text(values["AWS::AccountId"]))


def unknown_overrides(document: Document, overrides: Mapping[str, str]) -> list[str]:
    """The names among the overrides that the template has no parameter for."""
    return [name for name in overrides if name not in {**(document.data.get("Parameters") or {}), **PSEUDO_PARAMETERS}]


def unresolved_values(document: Document, overrides: Mapping[str, str]) -> Iterator[str]:
    """A warning for each parameter whose value is kept by Systems Manager, and which has no override.

    Its default is the name under which AWS looks the value up; here an override is the value itself.
    """
    for name, definition in (document.data.get("Parameters") or {}).items():
        kind = as_text(definition.get("Type"))
        if kind.startswith(_STORED) and name not in overrides and "Default" in definition:
            yield str(
                document.error(
                    f"the value of {definition['Default']} is in AWS Systems Manager alone, and the name stands in for "
                    f"it; give the value by --parameter-overrides {name}=VALUE",
                    ("Parameters", name, "Default"),
                )
            )


def _is_list(kind: str) -> bool:
    return kind == "CommaDelimitedList" or "List<" in kind


def _check(document: Document, keys: tuple[str, str], definition: Mapping[str, Any], kind: str, value: str) -> None:
    problem = _problem(definition, kind, value)
    if problem is None:
        return
    if description := definition.get("ConstraintDescription"):
        problem = f"{problem} ({description})"
    raise document.error(f"{problem}; give another by --parameter-overrides {keys[1]}=VALUE", keys)


def _problem(definition: Mapping[str, Any], kind: str, value: str) -> str | None:
    allowed = [as_text(item) for item in definition.get("AllowedValues") or []]
    if allowed and value not in allowed:
        return f"the value {value!r} is none of {', '.join(allowed)}"
    pattern = definition.get("AllowedPattern")
    if pattern is not None and not re.fullmatch(as_text(pattern), value):
        return f"the value {value!r} does not match the pattern {pattern}"
    if kind in ("Number", "List<Number>"):
        try:
            number = float(value)
        except ValueError:
            return f"the value {value!r} is no number"
        low, high = definition.get("MinValue"), definition.get("MaxValue")
        if (low is not None and number < float(low)) or (high is not None and number > float(high)):
            return f"the value {value} is not within {as_text(low)}…{as_text(high)}"
    elif kind == "String":
        shortest, longest = int(definition.get("MinLength", 0)), definition.get("MaxLength")
        if len(value) < shortest or (longest is not None and len(value) > int(longest)):
            return f"the value {value!r} has {len(value)} characters, not {shortest}…{longest or ''}"
    return None
