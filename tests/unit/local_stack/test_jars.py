"""What is said where the programs are missing that Apache Kafka needs."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from stellar_local_stack.kafka.cli import kafka
from stellar_local_stack.kafka.jars import cache_folder


@pytest.mark.parametrize("fetched", [True, False], ids=["with the jars of an earlier start", "without any jars"])
def test_no_java_is_a_sentence_with_the_way_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fetched: bool) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    if fetched:
        cache_folder().mkdir(parents=True)
    done = CliRunner().invoke(kafka, ["start", "--kind", "apache", "--foreground"])
    assert done.exit_code == 1
    assert done.output.startswith("Error: Apache Kafka needs java")
    assert "--kind embedded" in done.output
