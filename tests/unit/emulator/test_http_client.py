"""Which servers are asked through a proxy, and which never."""

from __future__ import annotations

import httpx
import pytest

from lambda_emulator import http_client
from stellar_pipeline import http_client as pipeline_client


@pytest.mark.parametrize("module", [http_client, pipeline_client])
@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://127.0.0.1:3000/health", True),
        ("http://127.9.9.9", True),
        ("http://localhost:3000", True),
        ("http://api.localhost", True),
        ("http://[::1]:3000", True),
        ("//127.0.0.1:50051", True),
        ("https://example.com/127.0.0.1", False),
        ("http://localhost.example.com", False),
        ("http://10.0.0.1", False),
        ("http://[::1", False),
        ("nonsense", False),
        ("", False),
    ],
)
def test_this_machine_is_known_by_its_addresses(module, url, expected):
    assert module.is_loopback(url) is expected


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, "localhost,127.0.0.1,::1"),
        ({"NO_PROXY": "internal, localhost"}, "internal,localhost,127.0.0.1,::1"),
        ({"no_proxy": "a", "NO_PROXY": "b"}, "a,localhost,127.0.0.1,::1"),
    ],
)
def test_no_proxy_is_kept_and_names_this_machine_too(environment, expected):
    assert http_client.without_proxy_here(environment) == {"NO_PROXY": expected, "no_proxy": expected}


@pytest.mark.parametrize("module", [http_client, pipeline_client])
def test_reasons_are_short(module):
    request = httpx.Request("GET", "http://127.0.0.1")
    failed = httpx.HTTPStatusError("…", request=request, response=httpx.Response(503, request=request))
    assert module.reason(failed) == "HTTP 503"
    assert module.reason(httpx.ConnectError("[Errno 111] Connection refused")) == "Connection refused"
    assert module.reason(httpx.ReadTimeout("timed out")) == "timed out"
    assert module.reason(httpx.ReadTimeout("")) == "ReadTimeout"
