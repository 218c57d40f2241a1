"""`stellar up --auth`: the same token gets the same verdict on every protocol."""

from __future__ import annotations

import http.client
import json
import os
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import grpc
import psutil
import pytest

from stellar.roles import Role
from stellar.schema import EXAMPLE
from stellar_local_stack.auth import tokens
from stellar_local_stack.auth.keys import Keys
from stellar_local_stack.auth.tokens import access_token
from stellar_service.contract import HealthCheckRequest
from support.answers import TO_GRAPHQL, message_of
from support.grpc_server import Stub
from support.ports import free_ports
from support.readme import CALLS, README, ROOT, call_of_the_readme
from support.up import STELLAR, Up, until

pytestmark = [pytest.mark.xdist_group("up"), pytest.mark.timeout(600)]

MUTATION = "mutation($x: StarClassificationInput!) { predict(features: $x) { label } }"
OBJECT = {TO_GRAPHQL[name]: value for name, value in EXAMPLE.items()}


class Stack:
    """The running stack, its issuer and its keys."""

    def __init__(self, up: Up, keys: Keys, port: int) -> None:
        self.up = up
        self.keys = keys
        self.issuer = f"http://127.0.0.1:{port}"

    def token(self, role: Role, **changes: Any) -> str:
        return access_token(self.keys, role, 600, **{"issuer": self.issuer, **changes})

    def rest(self, method: str, path: str, body: Any, token: str | None) -> tuple[int, Any]:
        connection = http.client.HTTPConnection("127.0.0.1", self.up.ports["http"], timeout=60)
        headers = {"content-type": "application/json"} | ({"authorization": f"Bearer {token}"} if token else {})
        connection.request(method, path, json.dumps(body) if body else None, headers)
        answer = connection.getresponse()
        content = json.loads(answer.read())
        connection.close()
        return answer.status, content


def over_rest(method: str, path: str, body: Any) -> Callable[[Stack, str | None], str]:
    def ask(stack: Stack, token: str | None) -> str:
        status, _ = stack.rest(method, path, body, token)
        return {200: "yes", 401: "who?", 403: "no"}[status]

    return ask


def over_graphql(document: str, **variables: Any) -> Callable[[Stack, str | None], str]:
    def ask(stack: Stack, token: str | None) -> str:
        status, content = stack.rest("POST", "/graphql", {"query": document, "variables": variables}, token)
        if status == 200 and "errors" in content:
            return {"FORBIDDEN": "no"}[content["errors"][0]["extensions"]["code"]]
        return {200: "yes", 401: "who?", 403: "no"}[status]

    return ask


def over_grpc(call: Callable[[Stub, Any], Any]) -> Callable[[Stack, str | None], str]:
    def ask(stack: Stack, token: str | None) -> str:
        metadata = [("authorization", f"Bearer {token}")] if token else []
        with grpc.insecure_channel(f"127.0.0.1:{stack.up.ports['grpc']}") as channel:
            try:
                call(Stub(channel), metadata)
            except grpc.RpcError as error:
                return {"UNAUTHENTICATED": "who?", "PERMISSION_DENIED": "no"}[error.code().name]
        return "yes"

    return ask


READ = {
    "REST": over_rest("GET", "/model", None),
    "GraphQL": over_graphql("{ model { version } }"),
    "gRPC": over_grpc(lambda stub, metadata: stub.HealthCheck(HealthCheckRequest(), metadata=metadata, timeout=60)),
}
CLASSIFY = {
    "REST": over_rest("POST", "/predict", {"features": EXAMPLE}),
    "REST batch": over_rest("POST", "/predict/batch", {"instances": [EXAMPLE]}),
    "GraphQL": over_graphql(MUTATION, x=OBJECT),
    "gRPC": over_grpc(lambda stub, metadata: stub.Predict(message_of(EXAMPLE), metadata=metadata, timeout=60)),
    "gRPC stream": over_grpc(
        lambda stub, metadata: list(stub.PredictStream(iter([message_of(EXAMPLE)]), metadata=metadata, timeout=60))
    ),
}


def an_hour_ago(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens, "time", SimpleNamespace(time=lambda: time.time() - 3600))


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    folder: Path = tmp_path_factory.mktemp("auth")
    [port] = free_ports(1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STELLAR_AUTH_FOLDER", str(folder))
        with Up("--auth", "--auth-port", str(port)) as up:
            yield Stack(up, Keys(folder), port)


@pytest.mark.parametrize(
    ("role", "reads", "classifies"),
    [(Role.READER, "yes", "no"), (Role.PREDICTOR, "yes", "yes"), (Role.OPERATOR, "yes", "yes")],
)
def test_role_has_the_same_rights_on_every_protocol(stack: Stack, role: Role, reads: str, classifies: str) -> None:
    token = stack.token(role)
    assert {name: ask(stack, token) for name, ask in READ.items()} == dict.fromkeys(READ, reads)
    assert {name: ask(stack, token) for name, ask in CLASSIFY.items()} == dict.fromkeys(CLASSIFY, classifies)


@pytest.mark.parametrize("kind", ["none", "made up", "of another audience", "of another issuer", "expired", "changed"])
def test_no_valid_token_opens_nothing_on_any_protocol(
    stack: Stack, kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if kind == "expired":
        an_hour_ago(monkeypatch)
    token = {
        "none": lambda: None,
        "made up": lambda: access_token(Keys(tmp_path), Role.OPERATOR, 600, issuer=stack.issuer),
        "of another audience": lambda: stack.token(Role.OPERATOR, audience="other"),
        "of another issuer": lambda: stack.token(Role.OPERATOR, issuer="http://127.0.0.1:1"),
        "expired": lambda: stack.token(Role.OPERATOR),
        "changed": lambda: stack.token(Role.OPERATOR)[:-8] + "AAAAAAAA",
    }[kind]()
    everything = {**READ, **{f"{name}: classify": ask for name, ask in CLASSIFY.items()}}
    assert {name: ask(stack, token) for name, ask in everything.items()} == dict.fromkeys(everything, "who?")


def test_new_key_is_taken_up_and_the_old_one_still_verifies(stack: Stack) -> None:
    before = stack.token(Role.PREDICTOR)
    stack.keys.rotate()
    after = stack.token(Role.PREDICTOR)
    for ask in (CLASSIFY["REST"], CLASSIFY["gRPC"]):
        until(lambda ask=ask: ask(stack, after) == "yes")
        assert ask(stack, before) == "yes"


def test_preflight_health_service_and_what_is_told_need_no_token(stack: Stack) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", stack.up.ports["http"], timeout=60)
    headers = {"origin": "http://localhost:5174", "access-control-request-method": "POST"}
    connection.request("OPTIONS", "/predict", headers=headers)
    assert connection.getresponse().status == 204
    connection.close()
    assert "stellar auth token --role predictor" in stack.up.curl


def stellar(stack: Stack, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    addresses = ["--http", stack.up.url(), "--grpc", f"127.0.0.1:{stack.up.ports['grpc']}"]
    addresses += ["--kafka", f"127.0.0.1:{stack.up.ports['kafka']}"]
    return subprocess.run(
        [str(STELLAR), *arguments, *addresses],
        env=os.environ | {"STELLAR_TOKEN_ISSUER": stack.issuer} | environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def test_probe_and_bench_make_a_token_by_themselves(stack: Stack) -> None:
    probed = stellar(stack, "probe")
    assert (probed.returncode, probed.stdout.count("GALAXY")) == (0, 5), probed.stdout
    measured = stellar(stack, "bench", "--requests", "20", "--warmup", "2", "--concurrency", "2", "--only", "rest")
    assert measured.returncode == 0, measured.stderr


@pytest.mark.parametrize("role", [None, Role.READER], ids=["made up", "reader"])
def test_probe_says_that_its_token_is_not_enough(stack: Stack, role: Role | None) -> None:
    token = "x" if role is None else stack.token(role)
    probed = stellar(stack, "probe", "--only", "rest", "--only", "grpc", "--only", "grpc-stream", STELLAR_TOKEN=token)
    assert (probed.returncode, probed.stdout.count("give one by --token or STELLAR_TOKEN")) == (1, 3), probed.stdout


@pytest.mark.parametrize("name", ["REST", "GraphQL", "gRPC"])
def test_calls_of_the_readme_are_answered_once_they_show_a_token(stack: Stack, name: str) -> None:
    mark, expected = CALLS[name]
    header = '-H "authorization: Bearer $STELLAR_TOKEN"'
    metadata = 'metadata=[("authorization", "Bearer " + token)]'
    assert header in README
    assert metadata in README
    call = call_of_the_readme(mark, stack.up)
    call = call.replace("curl -s ", f"curl -s {header} ").replace("predict(star)", f"predict(star, {metadata})")
    call = call.replace("import grpc\n", "import grpc, os\ntoken = os.environ['STELLAR_TOKEN']\n")
    done = subprocess.run(
        ["bash", "-c", call],
        cwd=ROOT,
        env=os.environ | {"STELLAR_TOKEN": stack.token(Role.PREDICTOR)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert expected in done.stdout.replace('": ', '":'), done.stderr


def test_services_tells_that_every_protocol_is_up(stack: Stack) -> None:
    status, content = stack.rest("GET", "/services", None, stack.token(Role.READER))
    assert (status, {each["state"] for each in content["services"]}) == (200, {"up"})


def test_issuer_listens_on_loopback_alone(stack: Stack) -> None:
    [issuer] = stack.up.processes("auth", "serve")
    listening = [each.laddr.ip for each in issuer.net_connections("tcp") if each.status == psutil.CONN_LISTEN]
    assert listening == ["127.0.0.1"]
