"""Extensions in a layer: they start, take part in each invocation, and are told of the end."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import psutil
import pytest

from lambda_emulator.stack import Function
from support.stacks import function, until

EXTENSION = f"""#!{sys.executable}
import http.client, json, os, sys, time

def call(method, path, body=None, **headers):
    connection = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
    headers = {{name.replace("_", "-"): value for name, value in headers.items()}}
    connection.request(method, path, json.dumps(body) if body is not None else None, headers)
    response = connection.getresponse()
    return response, response.read()

def note(**what):
    with open(os.environ["NOTES"], "a") as notes:
        notes.write(json.dumps({{"pid": os.getpid(), **what}}) + "\\n")

BASE = "/2020-01-01/extension"
"""

WITNESS = (
    EXTENSION
    + """
response, body = call("POST", BASE + "/register", {"events": ["INVOKE", "SHUTDOWN"]}, Lambda_Extension_Name="witness")
own = response.getheader("Lambda-Extension-Identifier")
note(registered=json.loads(body), status=response.status)
print("witness is here", flush=True)
while True:
    response, body = call("GET", BASE + "/event/next", Lambda_Extension_Identifier=own)
    event = json.loads(body)
    note(event=event, id=bool(response.getheader("Lambda-Extension-Event-Identifier")))
    if event["eventType"] == "SHUTDOWN":
        time.sleep(float(os.environ.get("LINGER", "0")))
        note(done=True)
        break
    time.sleep(float(os.environ.get("WORK", "0")))
"""
)


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    return tmp_path / "notes"


def read(notes: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in notes.read_text().splitlines()] if notes.exists() else []


def extended(tmp_path: Path, code: str, name: str = "witness", **changes: Any) -> Function:
    """A function with a layer that has this extension."""
    folder = tmp_path / "layer" / "extensions"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(code)
    (folder / name).chmod(0o755)
    environment = {"NOTES": str(tmp_path / "notes"), **changes.pop("environment", {})}
    return function(layer_dirs=(tmp_path / "layer",), environment=environment, **changes)


async def test_an_extension_takes_part_in_each_invocation_and_is_told_of_the_end(
    start: Any, tmp_path: Path, notes: Path, log: Any
) -> None:
    service = await start(extended(tmp_path, WITNESS), concurrency=1)
    first = await service.invoke("the-function", b'{"n": 1}', request_id="one")
    second = await service.invoke("the-function", b'{"n": 2}', request_id="two")
    assert not first.function_error
    assert not second.function_error
    await service.drain_and_close()
    registered, *events, done = read(notes)
    assert registered["status"] == 200
    assert registered["registered"] == {
        "functionName": "the-function",
        "functionVersion": "$LATEST",
        "handler": "app.lambda_handler",
        "accountId": "123456789012",
    }
    assert [(each["event"]["eventType"], each["event"].get("requestId")) for each in events] == [
        ("INVOKE", "one"),
        ("INVOKE", "two"),
        ("SHUTDOWN", None),
    ]
    assert all(each["id"] for each in events)
    invoked = events[0]["event"]
    assert invoked["invokedFunctionArn"].endswith(":function:the-function")
    assert invoked["tracing"]["type"] == "X-Amzn-Trace-Id"
    assert events[-1]["event"]["shutdownReason"] == "spindown"
    assert done["done"]
    assert "witness is here" in log.text
    assert not psutil.pid_exists(done["pid"])


async def test_the_environment_is_taken_again_only_when_the_extension_is_done(
    start: Any, tmp_path: Path, notes: Path
) -> None:
    service = await start(extended(tmp_path, WITNESS, environment={"WORK": "0.3"}), concurrency=1)
    for number in range(3):
        assert not (await service.invoke("the-function", str(number).encode())).function_error
    events = [each["event"] for each in read(notes) if "event" in each]
    assert [event["eventType"] for event in events] == ["INVOKE"] * 3
    assert len({each["pid"] for each in read(notes)}) == 1


async def test_an_extension_that_does_not_end_is_killed_after_its_time(start: Any, tmp_path: Path, notes: Path) -> None:
    service = await start(extended(tmp_path, WITNESS, environment={"LINGER": "60"}))
    await service.invoke("the-function", b"{}")
    await service.drain_and_close()
    assert [each["event"]["eventType"] for each in read(notes)[1:]] == ["INVOKE", "SHUTDOWN"]
    assert not psutil.pid_exists(read(notes)[0]["pid"])


async def test_the_reason_of_the_end_is_the_timeout_of_an_invocation(start: Any, tmp_path: Path, notes: Path) -> None:
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "app.py").write_text("import time\ndef lambda_handler(event, context): time.sleep(60)\n")
    service = await start(extended(tmp_path, WITNESS, code_dir=tmp_path / "code", timeout_seconds=1))
    result = await service.invoke("the-function", b"{}")
    assert b"Sandbox.Timedout" in result.payload
    await until(lambda: any("done" in each for each in read(notes)))
    assert read(notes)[-2]["event"]["shutdownReason"] == "timeout"


async def test_an_extension_that_crashes_fails_the_invocation_and_the_next_one_has_a_new_one(
    start: Any, tmp_path: Path, notes: Path
) -> None:
    crashing = WITNESS.replace('    time.sleep(float(os.environ.get("WORK", "0")))', "    sys.exit(3)")
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "app.py").write_text("import time\ndef lambda_handler(event, context): time.sleep(10)\n")
    service = await start(extended(tmp_path, crashing, code_dir=tmp_path / "code"))
    for _ in range(2):
        result = await service.invoke("the-function", b"{}")
        assert json.loads(result.payload)["errorType"] == "Extension.Crash"
    assert len({each["pid"] for each in read(notes)}) == 2


async def test_an_extension_that_ends_before_it_registers_is_left_out_with_a_word(
    start: Any, tmp_path: Path, log: Any
) -> None:
    service = await start(extended(tmp_path, "#!/bin/sh\nexec /opt/nothing/here\n", "absent"))
    assert not (await service.invoke("the-function", b"{}")).function_error
    await until(lambda: "the extension absent ended with status 127 before it had registered" in log.text)


async def test_a_file_that_may_not_be_executed_is_named(start: Any, tmp_path: Path, log: Any) -> None:
    chosen = extended(tmp_path, WITNESS)
    (tmp_path / "layer" / "extensions" / "witness").chmod(0o644)
    service = await start(chosen)
    assert not (await service.invoke("the-function", b"{}")).function_error
    await until(lambda: "the extension witness is not started: it may not be executed (chmod +x)" in log.text)


TELEMETRY = (
    EXTENSION
    + """
import http.server, threading

class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        events = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()
        note(events=events)
    def log_message(self, *args):
        pass

server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
response, _ = call("POST", BASE + "/register", {"events": ["SHUTDOWN"]}, Lambda_Extension_Name="telemetry")
own = response.getheader("Lambda-Extension-Identifier")
wanted = {
    "schemaVersion": "2022-12-13",
    "types": ["platform", "function", "extension"],
    "buffering": {"maxItems": 1000, "maxBytes": 262144, "timeoutMs": 25},
    "destination": {"protocol": "HTTP", "URI": f"http://sandbox.localdomain:{server.server_address[1]}/"},
}
response, body = call("PUT", "/2022-07-01/telemetry", wanted, Lambda_Extension_Identifier=own)
note(subscribed=response.status)
response, body = call("PUT", "/2022-07-01/telemetry", {**wanted, "types": ["x"]}, Lambda_Extension_Identifier=own)
note(refused=response.status)
call("GET", BASE + "/event/next", Lambda_Extension_Identifier=own)
time.sleep(0.2)
"""
)


async def test_telemetry_is_sent_to_an_extension_that_subscribes(start: Any, tmp_path: Path, notes: Path) -> None:
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "app.py").write_text("def lambda_handler(event, context): print('a line of the function')\n")
    service = await start(extended(tmp_path, TELEMETRY, "telemetry", code_dir=tmp_path / "code"))
    await service.invoke("the-function", b"{}", request_id="one")

    def events() -> list[dict[str, Any]]:
        return [event for each in read(notes) for event in each.get("events", ())]

    await until(lambda: any(event["type"] == "platform.report" for event in events()))
    await until(lambda: any(event["type"] == "function" for event in events()))
    assert [each["subscribed"] for each in read(notes) if "subscribed" in each] == [200]
    assert [each["refused"] for each in read(notes) if "refused" in each] == [400]
    kinds = [event["type"] for event in events()]
    for kind in (
        "initStart",
        "initRuntimeDone",
        "initReport",
        "extension",
        "telemetrySubscription",
        "start",
        "runtimeDone",
    ):
        assert f"platform.{kind}" in kinds
    [report] = [event["record"] for event in events() if event["type"] == "platform.report"]
    assert report["requestId"] == "one"
    assert report["metrics"]["memorySizeMB"] == 256
    assert {"time", "type", "record"} == events()[0].keys()
    assert "a line of the function" in [event["record"] for event in events() if event["type"] == "function"]


INTERNAL = """
import http.client, json, os, threading

def extension():
    connection = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
    connection.request("POST", "/2020-01-01/extension/register", json.dumps({"events": ["SHUTDOWN"]}),
        {"Lambda-Extension-Name": "inner"})
    refused = connection.getresponse()
    seen.append((refused.status, json.loads(refused.read())["errorType"]))
    connection.request("POST", "/2020-01-01/extension/register", json.dumps({"events": ["INVOKE"]}),
        {"Lambda-Extension-Name": "inner"})
    response = connection.getresponse()
    response.read()
    own = response.getheader("Lambda-Extension-Identifier")
    registered.set()
    while True:
        connection.request("GET", "/2020-01-01/extension/event/next", headers={"Lambda-Extension-Identifier": own})
        seen.append(json.loads(connection.getresponse().read())["requestId"])
        told.set()

seen, registered, told = [], threading.Event(), threading.Event()
threading.Thread(target=extension, daemon=True).start()
registered.wait()

def lambda_handler(event, context):
    told.wait()
    told.clear()
    return seen
"""


async def test_a_thread_of_the_function_is_an_internal_extension(start: Any, tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(INTERNAL)
    service = await start(function(tmp_path))
    await service.invoke("the-function", b"{}", request_id="one")
    result = await service.invoke("the-function", b"{}", request_id="two")
    assert json.loads(result.payload) == [[400, "Extension.InvalidEventType"], "one", "two"]
