"""What ``invoke`` prints of a function's result."""

from __future__ import annotations

import json

import pytest

from lambda_emulator.cli import invoke
from lambda_emulator.invocation import InvocationResult

Printed = pytest.CaptureFixture[bytes]


@pytest.mark.parametrize("payload", [b"\xff\xfe\\u", b'"\\ud800"', b"not JSON"])
def test_a_result_that_is_no_text_is_printed_as_it_is(payload: bytes, capfdbinary: Printed) -> None:
    result = InvocationResult("r-1", payload)
    invoke._print(result, as_json=False)
    assert capfdbinary.readouterr().out == payload
    invoke._print(result, as_json=True)
    assert json.loads(capfdbinary.readouterr().out)["requestId"] == "r-1"
