"""What holds for every test: Hypothesis is not hurried, and in CI a skip is a failure unless it is expected."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")

EXPECTED_SKIPS = (
    "the sample of real rows is not on this machine",
    "there is no `docker compose` on this machine",
    "no Docker engine",
    "one process runs every test",
    "this machine has no IPv6",
)
"""How the reasons begin that CI lets pass: what a machine of CI need not have. All else is installed there."""


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail the run where ``CI`` is set and a test was skipped for another reason than those."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if not os.environ.get("CI") or reporter is None or session.exitstatus != pytest.ExitCode.OK:
        return
    for report in reporter.stats.get("skipped", []):
        reason = report.longrepr[2].removeprefix("Skipped: ")
        if not reason.startswith(EXPECTED_SKIPS):
            reporter.write_line(f"skipped, which CI does not expect: {report.nodeid}: {reason}", red=True)
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
