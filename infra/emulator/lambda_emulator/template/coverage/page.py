"""The tables as a page of the documentation. ``python -m lambda_emulator.template.coverage.page`` writes it."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping

from lambda_emulator.template.coverage.events import EVENTS, OTHER_EVENTS
from lambda_emulator.template.coverage.status import Coverage
from lambda_emulator.template.coverage.tables import RESOURCES

_HEAD = """\
# What the local runtime does with a template's properties

Made from `lambda_emulator.template.coverage` by `make schema`; a test compares the two.

A property is **done** as on AWS, or **warned** of (it counts for nothing here, and one warning names resource, property
and line), or **refused** (the function or API that has it is left out, and told why). A property whose value is AWS's
own default is not warned of. Types that are not listed, such as tables and queues, are not made: references
to them give the names that AWS would give.
"""


def lines() -> Iterator[str]:
    """The page, line by line."""
    yield _HEAD
    for resource_type, table in RESOURCES.items():
        yield from _section(resource_type, table)
    for kind, table in EVENTS.items():
        yield from _section(f"Events of a function: {kind}", table)
    yield from _section("Events of a function: other types", OTHER_EVENTS)


def _section(title: str, table: Mapping[str, Coverage]) -> Iterator[str]:
    yield f"## {title}\n"
    yield "| property | what is done |"
    yield "|---|---|"
    for name, coverage in sorted(table.items()):
        yield f"| `{name}` | {coverage.status.value}{_remark(coverage)} |"
    yield ""


def _remark(coverage: Coverage) -> str:
    # A list is this machine's own processor, or empty.
    neutral = ", ".join(f"`{value}`" for value in coverage.neutral if not isinstance(value, list))
    apart = f", but for {neutral}" if neutral else ""
    return f"{apart}{': ' if coverage.note else ''}{coverage.note}"


if __name__ == "__main__":
    sys.stdout.write("\n".join(lines()))
