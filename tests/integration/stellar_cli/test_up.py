"""`stellar up` as a user meets it: one command, addresses, a call that works when pasted, and nothing left behind."""

from __future__ import annotations

import json
import os
import shlex
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import psutil
import pytest

from stellar_local_stack.kafka.jars import missing_programs
from support.page import listening
from support.up import START_SECONDS, Up, until


@pytest.fixture
def up():
    with Up() as running:
        yield running


def gone(processes: list[psutil.Process], seconds: float) -> bool:
    _, alive = psutil.wait_procs(processes, timeout=seconds)
    return not [process for process in alive if process.status() != psutil.STATUS_ZOMBIE]


def direct(url: str) -> bytes:
    """The answer of a server on this machine."""
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(url, timeout=30) as answer:
        return answer.read()


def accepts(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.mark.xdist_group("up")
@pytest.mark.timeout(180)
def test_the_printed_call_works_when_pasted_and_ctrl_c_leaves_nothing(up):
    answer = subprocess.run(shlex.split(up.curl), capture_output=True, check=True, text=True).stdout
    assert json.loads(answer)["str_output"] == "Galaxy"

    health = up.get("/health")
    assert (health["status"], health["source"]) == ("ok", "s3")
    states = {service["protocol"]: service["state"] for service in up.get("/services")["services"]}
    assert states == dict.fromkeys(("REST", "GraphQL", "gRPC", "Kafka"), "up")
    assert up.get("/live/status", server="page")["kafka"] == "up"
    assert up.get("/config.json", server="page")["apiUrl"] == f"http://127.0.0.1:{up.ports['http']}"
    addresses = ["--http", f"http://127.0.0.1:{up.ports['http']}", "--grpc", f"127.0.0.1:{up.ports['grpc']}"]
    command = [str(Path(sys.executable).with_name("stellar")), "probe", *addresses]
    probed = subprocess.run(
        [*command, "--kafka", f"127.0.0.1:{up.ports['kafka']}"], capture_output=True, text=True, check=False
    )
    assert probed.returncode == 0, probed.stdout

    with listening(up.url("page")) as events:  # what was probed is there, and nothing waits any more
        stats = events.until("stats", lambda each: each["total"] >= 1 and each["lag"] == 0)
    assert stats["kafka"] == "up"

    family = up.family()
    assert family
    assert up.end(signal.SIGINT) == 0
    assert gone(family, 5)
    assert not any(accepts(port) for port in up.ports.values())


@pytest.mark.xdist_group("up")
@pytest.mark.timeout(180)
@pytest.mark.parametrize("server", ["s3", "grpc", "http"])  # in the order in which they listen
def test_ctrl_c_while_it_starts_stops_it_before_it_is_ready(server):
    running = Up()
    try:
        until(lambda: accepts(running.ports[server]))
        family = running.family()
        assert running.end(signal.SIGINT) == 0
        assert gone(family, 5)
        assert not any(accepts(port) for port in running.ports.values())
    finally:
        running.__exit__()
    assert "Ready" not in running.output
    assert "Traceback" not in running.output


@pytest.mark.xdist_group("up")
@pytest.mark.timeout(180)
def test_a_proxy_does_not_come_between_this_machine_and_itself():
    """GIVEN a company's proxy (here: one that does not answer) WHEN the stack starts THEN all parts find each other."""
    proxy = dict.fromkeys(("HTTP_PROXY", "http_proxy", "ALL_PROXY"), "http://127.0.0.1:9")
    with Up(environment=proxy) as up:
        stellar = str(Path(sys.executable).with_name("stellar"))
        rest, grpc = f"http://127.0.0.1:{up.ports['http']}", f"127.0.0.1:{up.ports['grpc']}"
        until(lambda: json.loads(direct(f"{rest}/health"))["source"] == "s3")  # a function looks again every 5 s
        version = json.loads(direct(f"{rest}/health"))["model_version"]
        until(lambda: {each["state"] for each in json.loads(direct(f"{rest}/services"))["services"]} == {"up"})
        status = [stellar, "esm", "status", "--json", "--url", f"http://127.0.0.1:{up.ports['metrics']}"]
        (mapping,) = json.loads(subprocess.run(status, env=up.environment, capture_output=True, check=True).stdout)
        assert mapping["topic"] == "star_features_input"
        script = "import json, sys\nfrom stellar_pipeline.release import serving_version, smoke\n"
        script += "versions = [each.version for each in serving_version.serving_versions(*sys.argv[1:3])]\n"
        script += "print(json.dumps([versions, smoke.smoke_test(sys.argv[1], sys.argv[3])['labels']]))"
        command = [sys.executable, "-c", script, rest, grpc, version]
        asked = subprocess.run(command, env=up.environment, capture_output=True, check=True).stdout
        assert json.loads(asked) == [[version] * 3, ["GALAXY", "QSO", "STAR", "GALAXY"]]


@pytest.mark.xdist_group("up")
@pytest.mark.timeout(180)
def test_sigkill_leaves_no_process_within_two_seconds(up):
    family = up.family()
    os.kill(up.process.pid, signal.SIGKILL)
    up.process.wait()
    assert gone(family, 2)


@pytest.mark.xdist_group("up")
@pytest.mark.skipif(bool(missing_programs()), reason="Apache Kafka needs Java and Maven")
@pytest.mark.timeout(180)
def test_records_pass_through_a_real_apache_kafka():
    with Up("--kafka", "apache") as up:
        assert "apache: the real Apache Kafka" in up.output
        command = [str(Path(sys.executable).with_name("stellar")), "probe", "--only", "kafka"]
        probed = subprocess.run(
            [*command, "--kafka", f"127.0.0.1:{up.ports['kafka']}"], capture_output=True, text=True, check=False
        )
        assert probed.returncode == 0, probed.stdout
        family = up.family()
        assert up.end(signal.SIGTERM) == 0
        assert gone(family, 5)


def test_busy_port_is_named_with_its_owner_and_the_flag():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        command = [str(Path(sys.executable).with_name("stellar")), "up", "--s3-port", str(port)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=START_SECONDS, check=False)
    assert done.returncode == 1
    assert str(port) in done.stderr
    assert f"pid {os.getpid()}" in done.stderr
    assert "--s3-port" in done.stderr
    assert "STELLAR_S3_PORT" in done.stderr
    assert "Traceback" not in done.stderr
