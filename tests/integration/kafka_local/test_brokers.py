"""Brokers as child processes: ready when started, gone when stopped, and never left behind."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from click.testing import CliRunner

from stellar_local_stack.kafka import ApacheBroker, BrokerError, EmbeddedBroker, Topic, create_topics
from stellar_local_stack.kafka.cli import kafka
from stellar_local_stack.kafka.jars import missing_programs
from stellar_local_stack.kafka.topics import list_topics
from support.ports import free_ports

needs_java = pytest.mark.skipif(bool(missing_programs()), reason="Apache Kafka needs Java and Maven")


def listening(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def gone(port: int, seconds: float = 5.0) -> bool:
    deadline = time.monotonic() + seconds
    while listening(port):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def test_the_embedded_broker_listens_on_the_loopback_interface_alone() -> None:
    with EmbeddedBroker() as broker:
        assert create_topics(broker.client_config(), [Topic("a", 3)]) == ["a"]
        assert create_topics(broker.client_config(), [Topic("a", 3)]) == []
        assert list_topics(broker.client_config()) == {"a": 3}
        sockets = [
            connection.laddr.ip
            for connection in psutil.net_connections("tcp")
            if connection.status == psutil.CONN_LISTEN and connection.laddr and connection.laddr.port == broker.port
        ]
        assert sockets == ["127.0.0.1"]
    assert gone(broker.port)


@needs_java
def test_what_apache_kafka_holds_outlives_a_kill_but_not_its_end() -> None:
    with ApacheBroker() as broker:
        create_topics(broker.client_config(), [Topic("a", 3)])
        broker.kill()
        assert gone(broker.port)
        broker.start()
        assert list_topics(broker.client_config()) == {"a": 3}
        folder = broker.folder
        assert folder.is_dir()
    assert not folder.exists()
    assert gone(broker.port)


def test_a_broker_dies_with_its_parent() -> None:
    code = (
        "from stellar_local_stack.kafka import EmbeddedBroker; import time;"
        "broker = EmbeddedBroker(); broker.start(); print(broker.port, flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        port = int(parent.stdout.readline())
        assert listening(port)
        parent.kill()
    assert gone(port)


def test_a_taken_port_is_named() -> None:
    with EmbeddedBroker() as broker, pytest.raises(BrokerError, match=f"Port {broker.port} is taken.*--port"):
        EmbeddedBroker(broker.port).start()


def test_a_broker_that_does_not_start_says_why(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    program = tmp_path / "broker"
    program.write_text("#!/bin/sh\necho out of luck; exit 3\n")
    program.chmod(0o755)
    monkeypatch.setenv("CALF_TANSU_BIN", str(program))
    with pytest.raises(BrokerError, match="status 3\\.\nout of luck"):
        EmbeddedBroker().start()


def test_a_home_that_cannot_be_written_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("CALF_TANSU_BIN", raising=False)
    (tmp_path / "file").touch()
    monkeypatch.setenv("HOME", str(tmp_path / "file"))
    with pytest.raises(BrokerError, match=r"cannot be unpacked.*HOME"):
        EmbeddedBroker().start()


def test_a_missing_java_is_named_with_the_way_out(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(BrokerError, match=r"java and mvn on the PATH.*--kind embedded"):
        ApacheBroker().__enter__()


def test_start_status_topics_and_stop(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    [port] = free_ports(1)
    run = CliRunner().invoke
    assert run(kafka, ["status"]).exit_code == 1
    started = run(kafka, ["start", "--port", str(port)])
    assert started.exit_code == 0, started.output
    try:
        assert f"127.0.0.1:{port}" in run(kafka, ["status"]).output
        assert "star_features_input" in run(kafka, ["topics", "--port", str(port)]).output
        again = run(kafka, ["start", "--port", str(port)])
        assert again.exit_code == 1
        assert again.output.startswith(f"Error: Port {port} is taken")
    finally:
        assert f"port {port}" in run(kafka, ["stop"]).output
    assert gone(port)
    assert run(kafka, ["status"]).exit_code == 1
    assert "No broker answers" in run(kafka, ["topics", "--port", str(port)]).output


def test_a_stopped_broker_leaves_no_process() -> None:
    this = psutil.Process(os.getpid())
    others = set(this.children(recursive=True))
    broker = EmbeddedBroker()
    broker.start()
    family = set(this.children(recursive=True)) - others
    assert family
    broker.close()
    left = [process for process in family if process.is_running() and process.status() != psutil.STATUS_ZOMBIE]
    assert not left
