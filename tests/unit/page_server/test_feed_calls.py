"""Who may start the feed, and with what."""

from __future__ import annotations

import gzip
import json

import pytest

from stellar_local_stack.page.app import create_app
from stellar_local_stack.page.live.stream import LiveStream
from stellar_local_stack.page.settings import Settings
from stellar_pipeline.data.synth_objects import synthetic_objects
from support.gateway_doubles import AsgiClient, Response

HOST = "127.0.0.1:5174"


@pytest.fixture
def client() -> AsgiClient:
    stream = LiveStream({"bootstrap.servers": "127.0.0.1:1"}, "http://127.0.0.1:1", synthetic_objects)
    return AsgiClient(create_app(Settings(), stream), default_headers={"host": HOST})


async def start(client: AsgiClient, body: bytes, **headers: str) -> Response:
    return await client.post(
        "/live/feed", body, headers={name.replace("_", "-"): text for name, text in headers.items()}
    )


@pytest.mark.parametrize(
    "headers",
    [
        {"sec_fetch_site": "cross-site", "origin": "https://other.example"},
        {"sec_fetch_site": "same-site", "origin": "http://127.0.0.1:3000"},
        {"origin": "https://other.example"},
        {"origin": "null"},
    ],
)
async def test_another_sites_script_may_not(client: AsgiClient, headers: dict[str, str]) -> None:
    assert (await start(client, b'{"rate": 1}', **headers)).status == 403


@pytest.mark.parametrize(
    "headers", [{"sec_fetch_site": "same-origin", "origin": "http://localhost:5173"}, {"origin": f"http://{HOST}"}, {}]
)
async def test_the_page_and_programs_may_but_are_told_of_a_broker_that_is_down(
    client: AsgiClient, headers: dict[str, str]
) -> None:
    response = await start(client, b'{"rate": 1}', **headers)
    assert response.status == 503
    assert "no broker answers at 127.0.0.1:1" in response.json()["detail"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"{}",
        b'{"rate": 0}',
        b'{"rate": 501}',
        b'{"rate": 1.5}',
        b'{"rate": true}',
        b'"' + b"x" * 2000,
    ],
)
async def test_a_rate_that_is_none_is_refused_with_what_it_should_be(client: AsgiClient, body: bytes) -> None:
    response = await start(client, body)
    assert response.status == 422
    assert response.header("content-type") == "application/problem+json"
    assert any(word in response.json()["detail"] for word in ("rate", "too large"))


async def test_a_compressed_body_is_refused_with_the_reason(client: AsgiClient) -> None:
    response = await start(client, gzip.compress(b'{"rate": 1}'), content_encoding="gzip")
    assert response.status == 415
    assert "without Content-Encoding" in response.json()["detail"]


async def test_stopping_what_does_not_run_is_no_error(client: AsgiClient) -> None:
    response = await client.request("DELETE", "/live/feed")
    assert json.loads(response.body) == {"feeding": False, "rate": 0}


async def test_status_tells_of_a_broker_that_is_down(client: AsgiClient) -> None:
    status = (await client.get("/live/status")).json()
    assert status["kafka"] == "down"
    assert "stellar up" in status["detail"]
