"""Tests of one ``xdist_group`` share a worker, and so share the brokers and stacks that they start."""

import os

import pytest


@pytest.mark.skipif("PYTEST_XDIST_WORKER" not in os.environ, reason="one process runs every test")
@pytest.mark.xdist_group("together")
def test_a_group_is_seen_by_what_distributes_the_tests(request: pytest.FixtureRequest) -> None:
    assert request.node.nodeid.endswith("@together")
