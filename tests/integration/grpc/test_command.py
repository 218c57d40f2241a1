"""``stellar grpc`` as a process: its start, its metrics, its end."""

import signal
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

import grpc
import psutil
import pytest

from stellar.schema import EXAMPLE
from stellar_service.contract import PredictBatchRequest, StarFeatures
from support.grpc_server import Stub, command, grpc_server, insecure

GOOD = StarFeatures(**EXAMPLE)
START_BUDGET = 60


def metrics_of(server) -> str:
    address = server.wait_for(r"http://\S+/metrics").group(0)
    with urllib.request.urlopen(address, timeout=10) as answer:
        return answer.read().decode()


def test_ready_line_names_address_and_model_and_stop_is_clean():
    with grpc_server() as server:
        assert "(no TLS, model " in server.log
        with insecure(server.address) as channel:
            assert Stub(channel).Predict(GOOD, timeout=10).label
        assert server.stop() == 0
        assert "Traceback" not in server.log


def test_metrics_count_calls_and_objects():
    with grpc_server("--metrics-port", 0) as server:
        with insecure(server.address) as channel:
            stub = Stub(channel)
            stub.Predict(GOOD, timeout=10)
            stub.PredictBatch(PredictBatchRequest(instances=[GOOD, StarFeatures()]), timeout=10)
            with pytest.raises(grpc.RpcError):
                stub.Predict(StarFeatures(), timeout=10)
        deadline = time.monotonic() + 10
        # A call is counted when it has ended, which may be after its caller has the answer.
        while 'stellar_grpc_calls_total{code="INVALID_ARGUMENT",method="Predict"} 1.0' not in (
            page := metrics_of(server)
        ):
            assert time.monotonic() < deadline, page
        assert 'stellar_grpc_calls_total{code="OK",method="Predict"} 1.0' in page
        assert 'stellar_grpc_objects_total{outcome="classified"} 2.0' in page
        assert 'stellar_grpc_objects_total{outcome="refused"} 2.0' in page


def test_metrics_are_not_told_to_a_name_that_was_rebound():
    with grpc_server("--metrics-port", 0) as server:
        address = server.wait_for(r"http://\S+/metrics").group(0)
        request = urllib.request.Request(address, headers={"host": "evil.example"})
        with pytest.raises(urllib.error.HTTPError, match="403"):
            urllib.request.urlopen(request, timeout=10)
        assert "stellar_grpc" in metrics_of(server)


@pytest.mark.parametrize("flag", ["--port", "--metrics-port"])
def test_busy_port_is_named_with_its_owner_and_the_flag(flag):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = subprocess.run(
            command(*("--port", 0, flag, port)), capture_output=True, text=True, timeout=START_BUDGET
        )
    assert ended.returncode == 1
    assert f"127.0.0.1:{port} is taken by" in ended.stderr
    assert f"with {flag}." in ended.stderr
    assert "Traceback" not in ended.stderr


def test_drain_under_load_drops_no_call():
    """Clients go on until they are turned away; nothing that was begun before is lost."""
    outcomes = []

    def call_until_refused(address):
        with insecure(address) as channel:
            stub = Stub(channel)
            while True:
                try:
                    outcomes.append(stub.Predict(GOOD, timeout=30).label)
                    began.set()
                except grpc.RpcError as error:
                    outcomes.append(error.code())
                    return

    began = threading.Event()
    with grpc_server() as server:
        threads = [threading.Thread(target=call_until_refused, args=(server.address,)) for _ in range(8)]
        for thread in threads:
            thread.start()
        assert began.wait(30)
        assert server.stop() == 0
        for thread in threads:
            thread.join(60)
    assert {outcome for outcome in outcomes if not isinstance(outcome, str)} == {grpc.StatusCode.UNAVAILABLE}


def test_stream_that_runs_at_the_stop_is_answered_to_its_end():
    number = 3000
    with grpc_server("--grace-seconds", 60) as server, insecure(server.address) as channel:
        stopped = threading.Event()

        def objects():
            for index in range(number):
                if index == number // 2:
                    assert stopped.wait(30)
                yield GOOD

        answers = Stub(channel).PredictStream(objects(), timeout=60)
        assert next(answers).label
        server.process.send_signal(signal.SIGTERM)
        stopped.set()
        assert sum(1 for answer in answers if answer.label) == number - 1
        assert server.wait() == 0


def test_second_signal_ends_at_once():
    with grpc_server("--grace-seconds", 600) as server, insecure(server.address) as channel:
        stub = Stub(channel)
        released = threading.Event()

        def objects():
            yield GOOD
            released.wait(60)

        answers = stub.PredictStream(objects())
        assert next(answers).label
        server.process.send_signal(signal.SIGTERM)
        server.wait_for("stopping")
        assert server.stop() == 0
        released.set()


def test_workers_share_the_port_and_their_metrics():
    with grpc_server("--workers", 2, "--metrics-port", 0) as server:
        workers = psutil.Process(server.process.pid).children()
        assert len(workers) == 2
        for _ in range(20):
            with insecure(server.address) as channel:
                Stub(channel).Predict(GOOD, timeout=10)
        assert 'stellar_grpc_objects_total{outcome="classified"} 20.0' in metrics_of(server)
        assert server.stop() == 0
        assert not any(worker.is_running() for worker in workers)


def test_worker_that_dies_is_replaced():
    with grpc_server("--workers", 2) as server:
        first = psutil.Process(server.process.pid).children()
        first[0].kill()
        server.wait_for(rf"worker {first[0].pid} ended")
        with insecure(server.address) as channel:
            stub = Stub(channel)
            for _ in range(20):
                assert stub.Predict(GOOD, timeout=30, wait_for_ready=True).label
        assert server.stop() == 0


def test_workers_end_when_their_parent_is_killed():
    with grpc_server("--workers", 2) as server:
        workers = psutil.Process(server.process.pid).children()
        folder = Path(workers[0].environ()["PROMETHEUS_MULTIPROC_DIR"])
        assert folder.is_dir()
        server.process.kill()
        _, alive = psutil.wait_procs(workers, timeout=20)
        assert not alive
        assert not folder.exists()


def test_workers_that_cannot_start_are_told_with_the_reason(tmp_path):
    (tmp_path / "text.pem").write_text("no certificate")
    flags = ("--tls-cert", tmp_path / "text.pem", "--tls-key", tmp_path / "text.pem")
    for workers in (1, 2):
        ended = subprocess.run(
            command("--port", 0, "--workers", workers, *flags), capture_output=True, text=True, timeout=START_BUDGET
        )
        assert ended.returncode == 1
        assert "not a certificate and its key" in ended.stderr
        assert "Traceback" not in ended.stderr
