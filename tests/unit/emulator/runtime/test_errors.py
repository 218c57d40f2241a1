"""How the end of a process is worded."""

from __future__ import annotations

import json
import signal

import pytest

from lambda_emulator.runtime.errors import RuntimeFailure, exit_reason


@pytest.mark.parametrize(
    ("returncode", "reason"),
    [
        (0, "Runtime exited without providing a reason"),
        (1, "Runtime exited with error: exit status 1"),
        (-signal.SIGKILL, "Runtime exited with error: signal: killed"),
        (-signal.SIGSEGV, "Runtime exited with error: signal: segmentation fault"),
        (-signal.SIGABRT, "Runtime exited with error: signal: aborted"),
    ],
)
def test_exit_codes_and_signals_are_worded_as_lambda_does(returncode, reason):
    assert exit_reason(returncode) == reason


def test_a_reported_failure_is_passed_on_as_it_is():
    assert RuntimeFailure("Runtime.ImportModuleError", reported=b"{}").payload("r") == b"{}"


def test_an_unreported_failure_names_the_request():
    told = json.loads(RuntimeFailure("Runtime.ExitError", returncode=2).payload("r"))
    assert told["errorMessage"] == "RequestId: r Error: Runtime exited with error: exit status 2"
