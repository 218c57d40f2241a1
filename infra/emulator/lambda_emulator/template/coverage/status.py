"""The three things that can be done with a property, and what is said of it."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lambda_emulator.template.values import as_text


class Status(enum.Enum):
    """What happens to a property of a template.

    DONE: as on AWS, or there is nothing in it that a run could show (a description, a tag, a step of deploying).
    WARNED: it counts for nothing here, and a warning names resource, property and line.
    REFUSED: the function or API that has it is left out, and told why.
    """

    DONE = "done"
    WARNED = "warned"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Coverage:
    """What is done with one property.

    ``note`` says what happens instead, or what is to be known. ``neutral`` holds values that ask for nothing, such as
    AWS's own default: they are not warned of. ``by_reader`` says that the code that reads the resource warns itself.
    """

    status: Status
    note: str = ""
    neutral: tuple[Any, ...] = ()
    by_reader: bool = False

    def concerns(self, value: Any) -> bool:
        """Whether the check warns of a property that has this value."""
        asks = _plain(value) not in map(_plain, self.neutral)
        return self.status is Status.WARNED and not self.by_reader and asks


Table = Mapping[str, Coverage]
"""The properties of one type of resource, by dotted path.

A path below another one splits it up: only the parts are judged then. ``*`` stands for a name of the author's own;
lists count for nothing in a path.
"""

DONE = Coverage(Status.DONE)
DESCRIBES = Coverage(Status.DONE, "describes only")
DEPLOYS = Coverage(Status.DONE, "a step of deploying; a run has no use for it")


def done(note: str) -> Coverage:
    """Done, with a word to be known."""
    return Coverage(Status.DONE, note)


def warned(note: str, *neutral: Any) -> Coverage:
    """Warned of, but for values that ask for nothing."""
    return Coverage(Status.WARNED, note, neutral)


def told(note: str) -> Coverage:
    """Warned of by the code that reads the resource."""
    return Coverage(Status.WARNED, note, by_reader=True)


def refused(note: str) -> Coverage:
    """Refused, with the reason."""
    return Coverage(Status.REFUSED, note)


def each(coverage: Coverage, *names: str) -> dict[str, Coverage]:
    """Several properties with which the same is done."""
    return dict.fromkeys(names, coverage)


def below(name: str, table: Table) -> dict[str, Coverage]:
    """A table of the parts of one property."""
    return {f"{name}.{part}": coverage for part, coverage in table.items()}


def _plain(value: Any) -> str:
    """A value as CloudFormation sees it, for which ``true`` and ``"true"`` are one."""
    if isinstance(value, dict):
        return repr(sorted((name, _plain(item)) for name, item in value.items()))
    return repr(list(map(_plain, value))) if isinstance(value, list) else as_text(value)
