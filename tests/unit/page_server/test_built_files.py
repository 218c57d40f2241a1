"""The built page as a browser gets it: caching, compression, the nonce, and nothing from outside the folder."""

from __future__ import annotations

import gzip
import json
import os
import re
from pathlib import Path

import pytest

from stellar_local_stack.page.app import create_app
from stellar_local_stack.page.live.stream import LiveStream
from stellar_local_stack.page.settings import Settings
from stellar_pipeline.data.synth_objects import synthetic_objects
from support.gateway_doubles import AsgiClient

SCRIPT = "/assets/index-BX3a9K2f.js"
CODE = "console.log('a page')\n" * 200


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    built = tmp_path / "dist"
    (built / "assets").mkdir(parents=True)
    (built / "index.html").write_text('<script nonce="__CSP_NONCE__"></script><style nonce="__CSP_NONCE__"></style>')
    (built / SCRIPT[1:]).write_text(CODE)
    (built / "favicon.svg").write_text("<svg/>")
    (tmp_path / "secret.txt").write_text("secret")
    (built / "link.txt").symlink_to(tmp_path / "secret.txt")
    return built


@pytest.fixture
def client(folder: Path) -> AsgiClient:
    settings = Settings(folder=folder, api_url="http://127.0.0.1:3123", graphql_url="http://127.0.0.1:3123/graphql")
    app = create_app(
        settings, LiveStream({"bootstrap.servers": "127.0.0.1:1"}, "http://127.0.0.1:1", synthetic_objects)
    )
    return AsgiClient(app, default_headers={"host": "127.0.0.1:5174"})


def directives(policy: str) -> dict[str, list[str]]:
    return {name: sources for name, *sources in (part.split() for part in policy.split(";"))}


async def test_every_page_has_a_nonce_of_its_own_that_its_policy_names(client: AsgiClient) -> None:
    seen = set()
    for _ in range(3):
        response = await client.get("/")
        [nonce] = set(re.findall('nonce="([^"]+)"', response.body.decode()))
        assert f"'nonce-{nonce}'" in directives(response.header("content-security-policy") or "")["style-src"]
        assert response.header("cache-control") == "no-cache"
        assert response.header("etag") is None
        seen.add(nonce)
    assert len(seen) == 3


async def test_the_policy_allows_this_server_and_the_api_and_nothing_inline(client: AsgiClient) -> None:
    policy = directives((await client.get("/")).header("content-security-policy") or "")
    assert policy["default-src"] == ["'none'"]
    assert policy["script-src"] == ["'self'"]
    assert policy["connect-src"] == ["'self'", "http://127.0.0.1:3123"]
    assert policy["frame-ancestors"] == ["'none'"]
    assert not any("unsafe" in source or source == "*" for sources in policy.values() for source in sources)


@pytest.mark.parametrize("target", ["/", SCRIPT, "/config.json", "/nothing.js"])
async def test_every_response_bears_the_security_headers(client: AsgiClient, target: str) -> None:
    response = await client.get(target)
    assert response.header("content-security-policy")
    assert response.header("x-content-type-options") == "nosniff"
    assert response.header("referrer-policy") == "no-referrer"


async def test_a_hashed_file_is_kept_for_ever_and_compressed(client: AsgiClient) -> None:
    plain = await client.get(SCRIPT)
    assert plain.body.decode() == CODE
    assert "immutable" in (plain.header("cache-control") or "")
    assert (plain.header("content-type") or "").startswith("text/javascript")
    packed = await client.get(SCRIPT, headers={"accept-encoding": "br, gzip;q=0.8"})
    assert packed.header("content-encoding") == "gzip"
    assert packed.header("vary") == "accept-encoding"
    assert gzip.decompress(packed.body).decode() == CODE


async def test_a_file_without_a_hash_is_asked_for_again_and_not_sent_again(client: AsgiClient) -> None:
    first = await client.get("/favicon.svg")
    assert first.header("cache-control") == "no-cache"
    again = await client.get("/favicon.svg", headers={"if-none-match": f'"other", W/{first.header("etag")}'})
    assert (again.status, again.body) == (304, b"")


async def test_a_build_is_seen_without_a_restart(client: AsgiClient, folder: Path) -> None:
    before = await client.get("/favicon.svg")
    (folder / "favicon.svg").write_text("<svg>new</svg>")
    os.utime(folder / "favicon.svg", (1, 1))
    after = await client.get("/favicon.svg")
    assert after.body == b"<svg>new</svg>"
    assert after.header("etag") != before.header("etag")


@pytest.mark.parametrize("target", ["/live", "/history/some-entry", "/index.html", "/system?tab=model"])
async def test_a_place_within_the_page_is_the_page(client: AsgiClient, target: str) -> None:
    assert b"<script nonce=" in (await client.get(target)).body


async def test_a_missing_file_is_not_the_page(client: AsgiClient) -> None:
    response = await client.get("/assets/old-12345678.js")
    assert response.status == 404
    assert b"<script" not in response.body


@pytest.mark.parametrize("target", ["/../secret.txt", "/%2e%2e/secret.txt", "/link.txt", "/assets/../../secret.txt"])
async def test_nothing_outside_the_folder_is_served(client: AsgiClient, target: str) -> None:
    response = await client.get(target)
    assert b"secret" not in response.body
    assert response.status == 404


async def test_without_a_build_the_way_to_one_is_told(client: AsgiClient, folder: Path) -> None:
    (folder / "index.html").unlink()
    response = await client.get("/")
    assert response.status == 503
    assert b"make page" in response.body
    assert b"http://127.0.0.1:3123/docs" in response.body


async def test_the_page_is_told_the_addresses(client: AsgiClient) -> None:
    response = await client.get("/config.json")
    assert response.header("cache-control") == "no-store"
    assert json.loads(response.body) == {
        "apiUrl": "http://127.0.0.1:3123",
        "graphqlUrl": "http://127.0.0.1:3123/graphql",
        "grpcAddress": "127.0.0.1:50051",
        "mlflowUrl": "http://127.0.0.1:5000",
        "airflowUrl": "http://127.0.0.1:8080",
        "issuerUrl": "",
    }


async def test_a_foreign_host_name_is_refused(client: AsgiClient) -> None:
    response = await client.get("/config.json", headers={"host": "rebound.example:5174"})
    assert response.status == 403
    assert b"apiUrl" not in response.body


@pytest.mark.parametrize("path", ["/" + "a" * 300, "/" + "a/" * 3000, "/assets/" + "a" * 300 + ".js"])
async def test_a_path_that_is_longer_than_any_of_the_page_is_refused(client: AsgiClient, path: str) -> None:
    response = await client.get(path)
    assert response.status == 414
    assert b"Traceback" not in response.body


async def test_a_loop_of_links_a_nul_and_half_a_character_are_no_files(client: AsgiClient, folder: Path) -> None:
    (folder / "loop.js").symlink_to("loop.js")
    for path in ("/loop.js", "/loop.js/x.js", "/a%00.js", "/%ed%a0%80.js", "/favicon.svg/x.js"):
        assert (await client.get(path)).status == 404


async def test_other_methods_are_refused(client: AsgiClient) -> None:
    assert (await client.post("/config.json")).status == 405
    assert (await client.post("/", b"x")).status == 405
