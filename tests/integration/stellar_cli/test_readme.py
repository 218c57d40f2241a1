"""The calls that the README shows, pasted into a shell while `stellar up` runs."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator

import pytest

from support.readme import CALLS, ROOT, call_of_the_readme
from support.up import Up

pytestmark = [pytest.mark.xdist_group("up"), pytest.mark.timeout(180)]


@pytest.fixture(scope="module")
def up() -> Iterator[Up]:
    with Up() as running:
        yield running


@pytest.mark.parametrize(("mark", "expected"), CALLS.values(), ids=CALLS)
def test_a_pasted_call_is_answered(up: Up, mark: str, expected: str) -> None:
    call = call_of_the_readme(mark, up)
    done = subprocess.run(["bash", "-c", call], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert expected in done.stdout.replace('": ', '":')
