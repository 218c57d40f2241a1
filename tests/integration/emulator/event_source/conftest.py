"""The brokers, once a session; the tests of this folder run in one worker, so that there is one of each."""

import pytest

from support.kafka import apache, embedded

__all__ = ["apache", "embedded"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "integration/emulator/event_source" in str(item.path):
            item.add_marker(pytest.mark.xdist_group("kafka"))
            if item.get_closest_marker("timeout") is None:
                item.add_marker(pytest.mark.timeout(180))
