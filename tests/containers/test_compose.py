"""The stack of the compose files, really run: every protocol, a restart, and nothing left behind."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest

from support.answers import PROTOCOLS
from support.compose import Compose, require_compose
from support.thousand_objects import a_thousand
from support.up import until

pytestmark = [pytest.mark.containers, pytest.mark.xdist_group("containers"), pytest.mark.timeout(3600)]

FLOAT32 = 1e-6  # what the order of float32 sums may change


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Compose]:
    require_compose()
    made = Compose(tmp_path_factory.mktemp("compose"), "streaming", "frontend")
    try:
        made.up()
        yield made
    finally:
        made.down()
    assert made.left_behind() == []


def get(url: str) -> Any:
    with urllib.request.urlopen(url, timeout=60) as answer:
        return json.load(answer)


def test_all_protocols_give_each_object_the_same_answer(stack: Compose) -> None:
    rows = a_thousand()
    given = {name: ask(stack, rows) for name, ask in PROTOCOLS.items()}
    for name, answers in given.items():
        for place, (one, other) in enumerate(zip(given["REST"], answers, strict=True)):
            assert one.probabilities == pytest.approx(other.probabilities, abs=FLOAT32), (name, place)
            assert one._replace(probabilities=()) == other._replace(probabilities=()), (name, place)


def test_the_model_comes_from_the_bucket_and_all_is_well(stack: Compose) -> None:
    health = get(f"{stack.url()}/health")
    assert health["status"] == "ok"
    assert health["source"] == "s3"


def test_the_page_is_served_with_its_addresses(stack: Compose) -> None:
    with urllib.request.urlopen(stack.url("page"), timeout=60) as answer:
        assert b"<script" in answer.read()
    assert get(f"{stack.url('page')}/config.json")["apiUrl"] == stack.url()


@pytest.mark.parametrize(("service", "command"), [("grpc", "grpc"), ("esm", "start-esm"), ("api", "start-api")])
def test_a_service_that_is_killed_comes_back_and_answers(stack: Compose, service: str, command: str) -> None:
    before = stack.starts(service)
    stack.kill(service, command)
    until(lambda: stack.starts(service) > before)
    stack.wait_until_healthy()
    rows = a_thousand()[-20:]
    given = {name: ask(stack, rows) for name, ask in PROTOCOLS.items()}
    assert all([each.label for each in answers] == [each.label for each in given["REST"]] for answers in given.values())
