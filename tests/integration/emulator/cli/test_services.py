"""``start-api`` and ``start-lambda`` as processes: ready line, answers, ports, signals, nothing left behind."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from support.commands import environment, run, serving


def test_start_api_says_what_it_serves_and_serves_it(project: Path) -> None:
    with serving(project, "start-api") as api:
        assert f"Mounting Hello at {api.address}/hello [GET]" in api.log
        assert f"Mounting Hello at {api.address}/http/{{proxy+}} [DELETE, GET, " in api.log
        status, body = api.get("/hello?a=1&a=2")
        assert status == 200
        event = json.loads(body)["event"]
        assert event["multiValueQueryStringParameters"] == {"a": ["1", "2"]}
        assert event["headers"]["X-Forwarded-Port"] == api.address.rpartition(":")[2]
        assert json.loads(api.get("/http/a/b", "PUT", b"x")[1])["event"]["rawPath"] == "/http/a/b"
        assert json.loads(api.get("/Prod/hello")[1])["event"]["path"] == "/hello"
        assert api.get("/nothing") == (404, b'{"message":"Not Found"}')
        api.wait_for("GET /hello?a=1&a=2 200 ")
        api.wait_for("Hello | hello from stdout")
        assert api.end() == 0


def test_what_goes_wrong_is_logged_and_not_told(project: Path) -> None:
    with serving(project, "start-api") as api:
        assert api.get("/broken") == (502, b'{"message": "Internal server error"}')
        assert api.get("/http-broken") == (500, b'{"message":"Internal Server Error"}')
        assert api.get("/slow") == (502, b'{"message": "Internal server error"}')
        api.wait_for("Broken | [ERROR] ValueError: the secret reason")
        api.wait_for("Task timed out after 1.00 seconds")


def test_start_lambda_answers_the_aws_cli(project: Path) -> None:
    aws = shutil.which("aws")
    if aws is None:
        pytest.skip("the AWS CLI is not installed")
    credentials = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_REGION": "us-east-1"}

    def call(*args: str) -> subprocess.CompletedProcess[str]:
        command = [aws, "lambda", *args, "--endpoint-url", api.address, "--region", "us-east-1"]
        extra = {**credentials, "AWS_MAX_ATTEMPTS": "1"}
        return subprocess.run(
            command, cwd=project, capture_output=True, text=True, timeout=60, env=environment(extra), check=False
        )

    with serving(project, "start-lambda") as api:
        assert "Starting the Local Lambda Service" in api.log
        (project / "event.json").write_text('{"k": 1}')
        answer = call("invoke", "--function-name", "Echo", "--payload", "fileb://event.json", "out.json")
        assert answer.returncode == 0, answer.stderr
        assert json.loads(answer.stdout)["StatusCode"] == 200
        assert json.loads((project / "out.json").read_text()) == {"k": 1}
        names = [function["FunctionName"] for function in json.loads(call("list-functions").stdout)["Functions"]]
        assert names == ["Hello", "Echo", "Broken", "Slow", "Half"]
        answer = call("invoke", "--function-name", "Nope", "out.json")
        assert "(ResourceNotFoundException)" in answer.stderr
        assert api.end(signal.SIGTERM) == 0


def test_json_for_scripts(project: Path) -> None:
    with serving(project, "start-api", "--json") as api:
        assert api.process.stdout is not None
        ready = json.loads(api.process.stdout.readline())
        assert (ready["event"], ready["http"], ready["lambda"]) == ("ready", api.address, None)
        assert {"method": "GET", "path": "/hello", "function": "Hello", "api": "ServerlessRestApi"} in ready["routes"]


def test_a_busy_port_is_named_with_its_owner_and_the_way_out(project: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = run(project, "start-api", "--port", str(port))
    assert result.returncode == 1
    message = result.stderr.decode()
    assert f"Error: Address already in use: 127.0.0.1:{port} is taken by " in message
    assert f"(pid {os.getpid()})" in message
    assert "--port" in message
    assert "Traceback" not in message


def test_an_address_that_is_not_ours_is_an_error_without_traceback(project: Path) -> None:
    result = run(project, "start-api", "--host", "203.0.113.1", "--port", "0")
    assert result.returncode == 1
    assert result.stderr.startswith(b"Error: ")
    result = run(project, "start-api", "--host", "no such host", "--port", "0")
    assert result.returncode == 1
    assert b"Traceback" not in result.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ending_drains_and_leaves_no_process(project: Path, number: signal.Signals) -> None:
    with serving(project, "start-api") as api, ThreadPoolExecutor(1) as pool:
        api.get("/half")
        descendants = api.descendants()
        assert descendants
        answer = pool.submit(api.get, "/half")
        api.wait_for("GET /half 200 ")
        deadline = time.monotonic() + 10
        while api.log.count("START RequestId") < 2:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        assert api.end(number) == 0
        assert answer.result() == (200, b"done")
        assert not [process for process in descendants if process.is_running() and process.status() != "zombie"]


def test_a_second_signal_ends_at_once(project: Path) -> None:
    (project / "template.yaml").write_text(
        (project / "template.yaml").read_text().replace("Timeout: 1\n", "Timeout: 60\n")
    )
    with serving(project, "start-api") as api, ThreadPoolExecutor(1) as pool:
        answer = pool.submit(_failing_get, api.address)
        api.wait_for("START RequestId")
        descendants = api.descendants()
        api.process.send_signal(signal.SIGINT)
        time.sleep(0.3)  # signals that arrive together are one
        begun = time.monotonic()
        assert api.end(signal.SIGINT) == 130
        assert time.monotonic() - begun < 8
        answer.result()
        _, alive = psutil.wait_procs(descendants, timeout=5)
        assert not alive


def _failing_get(address: str) -> None:
    with socket.create_connection(tuple_of(address)) as connection:
        connection.sendall(b"GET /slow HTTP/1.1\r\nhost: localhost\r\n\r\n")
        connection.settimeout(30)
        with contextlib.suppress(OSError):
            connection.recv(1024)


def tuple_of(address: str) -> tuple[str, int]:
    host, _, port = address.removeprefix("http://").partition(":")
    return host, int(port)


def test_https_with_a_certificate(project: Path) -> None:
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is not installed")
    subprocess.run(
        [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "key.pem", "-out", "cert.pem",
         "-days", "1", "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"],
        cwd=project, check=True, capture_output=True,
    )  # fmt: skip
    with serving(project, "start-api", "--ssl-cert-file", "cert.pem", "--ssl-key-file", "key.pem") as api:
        assert api.address.startswith("https://127.0.0.1:")
        code = (
            "import ssl, sys, urllib.request\n"
            "context = ssl.create_default_context(cafile='cert.pem')\n"
            "print(urllib.request.urlopen(sys.argv[1] + '/hello', context=context).status)"
        )
        answer = subprocess.run(
            [sys.executable, "-c", code, api.address], cwd=project, capture_output=True, text=True, check=True
        )
        assert answer.stdout == "200\n"
    result = run(project, "start-api", "--ssl-cert-file", "cert.pem", "--port", "0")
    assert result.returncode == 2


def test_a_parent_that_does_not_read_its_pipe_does_not_stop_the_service(project: Path) -> None:
    (project / "src" / "app.py").write_text(
        "def hello(event, context):\n"
        "    print('x' * 1000)\n"
        "    return {'statusCode': 200}\n" + "echo = broken = slow = half_a_second = hello\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-m", "lambda_emulator", "start-api", "--port", "0", "--json"],
        cwd=project, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment(),
    )  # fmt: skip
    try:
        assert process.stdout is not None
        address = tuple_of(json.loads(process.stdout.readline())["http"])
        with socket.create_connection(address, timeout=30) as connection:
            for _ in range(300):
                connection.sendall(b"GET /hello HTTP/1.1\r\nhost: localhost\r\n\r\n")
                assert connection.recv(65_536).startswith(b"HTTP/1.1 200 ")
    finally:
        process.kill()
        process.communicate()
