"""The smoke test after a promotion, against services that answer in all sorts of ways."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from stellar_pipeline.release.smoke import SmokeTestFailedError, smoke_test
from support.ports import free_ports

RIGHT = ("GALAXY", "QSO", "STAR", "GALAXY")


def answers(version: str | list[str], labels: tuple[str, ...] = RIGHT, photometric: str = "photometric") -> list[Any]:
    versions = [version] * len(labels) if isinstance(version, str) else version
    variants = ["spectroscopic"] * (len(labels) - 1) + [photometric]
    return [
        {"label": label, "model_version": each, "model_variant": variant}
        for label, each, variant in zip(labels, versions, variants, strict=True)
    ]


@contextmanager
def service(answer: Callable[[int], tuple[int, object]]) -> Iterator[str]:
    """A stand-in for REST; ``answer`` gets how many requests came before, and gives a status and a body."""
    asked = 0

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            nonlocal asked
            assert self.path == "/predict/batch"
            sent = json.loads(self.rfile.read(int(self.headers["content-length"])))
            assert sent["instances"][-1]["redshift"] is None
            status, body = answer(asked)
            asked += 1
            content = body if isinstance(body, bytes) else json.dumps({"predictions": body}).encode()
            self.send_response(status)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_the_old_version_is_waited_out() -> None:
    with service(lambda asked: (200, answers("old" if asked < 2 else "new"))) as url:
        found = smoke_test(f"{url}/", "new", seconds=20)
    assert (found["version"], found["labels"]) == ("new", list(RIGHT))


def test_a_proxy_is_not_asked_for_a_service_on_this_machine(monkeypatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{free_ports(1)[0]}")
    with service(lambda asked: (200, answers("new"))) as url:
        assert smoke_test(url, "new", seconds=20)["version"] == "new"


def test_two_processes_that_swap_one_after_the_other_must_both_have_swapped() -> None:
    order = ["old", "new", "old", "new", "new", "old", "new", "new", "new"]
    with service(lambda asked: (200, answers(order[asked]))) as url:
        assert smoke_test(url, "new", seconds=20)["version"] == "new"


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ((200, answers("old")), "did not answer as new within 0.1 s: old"),
        ((200, answers(["new", "old", "new", "new"])), "one batch was answered by new, old"),
        ((503, b"{}"), "HTTP 503"),
        ((200, b"<html>"), "did not answer as new"),
        ((200, b"[]"), "did not answer as new"),
        ((200, [None]), "did not answer as new"),
    ],
    ids=["the old one stays", "a mixed batch", "no model", "a web page", "another shape", "no predictions"],
)
def test_a_service_that_does_not_take_it_up_fails(answer: tuple[int, object], reason: str) -> None:
    with service(lambda _: answer) as url, pytest.raises(SmokeTestFailedError, match=reason):
        smoke_test(url, "new", seconds=0.1)


def test_a_service_that_is_away_fails() -> None:
    with pytest.raises(SmokeTestFailedError, match="refused"):
        smoke_test(f"http://127.0.0.1:{free_ports(1)[0]}", "new", seconds=0.1)


def test_wrong_classes_fail_at_once() -> None:
    wrong = answers("new", ("GALAXY", "GALAXY", "STAR", "GALAXY"))
    with (
        service(lambda _: (200, wrong)) as url,
        pytest.raises(SmokeTestFailedError, match="takes GALAXY, QSO, STAR for GALAXY, GALAXY, STAR"),
    ):
        smoke_test(url, "new", seconds=20)


def test_photometry_answered_as_if_it_were_a_spectrum_fails() -> None:
    wrong = answers("new", photometric="spectroscopic")
    with service(lambda _: (200, wrong)) as url, pytest.raises(SmokeTestFailedError, match="without a redshift"):
        smoke_test(url, "new", seconds=20)
