"""``${placeholders}`` in a text, as ``Fn::Sub`` has them.

Mirrors "Fn::Sub" in the CloudFormation User Guide.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from lambda_emulator.template.values import as_text

_PLACEHOLDER = re.compile(r"\$\{(!?)([^}]*)\}")


def substitute(text: str, values: Mapping[str, Any], is_settled: Callable[[Any], bool]) -> tuple[str, set[str]]:
    """``text`` with its placeholders filled from ``values``, and the names of those that are not settled yet.

    While such names are left, the result is a text for ``Fn::Sub`` again: what is no placeholder in it is escaped
    (``${!Literal}``). Raises ValueError for a value that is no text.
    """
    pieces: list[str] = []
    unsettled: set[str] = set()
    end = 0
    for match in _PLACEHOLDER.finditer(text):
        pieces.append(_escaped(text[end : match.start()]))
        end = match.end()
        name = match[2].strip()
        if match[1]:  # ${!Literal}
            pieces.append(_escaped(f"${{{match[2]}}}"))
            continue
        value = values[name]
        if not is_settled(value):
            unsettled.add(name)
            pieces.append(f"${{{name}}}")
        elif isinstance(value, dict | list):
            raise ValueError(f"cannot write ${{{name}}}, which is a list or a mapping")
        else:
            pieces.append(_escaped(as_text(value)))
    pieces.append(_escaped(text[end:]))
    result = "".join(pieces)
    return (result, unsettled) if unsettled else (result.replace("${!", "${"), unsettled)


def names_in(text: str) -> Iterator[str]:
    """The names in the placeholders of ``text``."""
    return (match[2].strip() for match in _PLACEHOLDER.finditer(text) if not match[1])


def _escaped(text: str) -> str:
    return text.replace("${", "${!")
