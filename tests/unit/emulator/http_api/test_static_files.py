"""Files of --static-dir at the root."""

from __future__ import annotations

from pathlib import Path

import pytest

from lambda_emulator.http_api import create_app
from support.gateway_doubles import AsgiClient, FakeInvoker, a_function, an_api


@pytest.fixture
def client(tmp_path: Path) -> AsgiClient:
    folder = tmp_path / "public"
    folder.mkdir()
    (tmp_path / "secret.txt").write_text("secret")
    (folder / "page.html").write_text("<p>")
    (folder / "link").symlink_to(tmp_path / "secret.txt")
    invoker = FakeInvoker(a_function(), answer=lambda event: {"statusCode": 200, "body": "function"})
    return AsgiClient(create_app(an_api("http", "GET /hello", "$default"), invoker, static_dir=folder))


async def test_a_file_is_served_with_its_type(client: AsgiClient) -> None:
    response = await client.get("/page.html")
    assert (response.body, response.header("content-type")) == (b"<p>", "text/html")


async def test_routes_win_over_files_and_files_over_default(client: AsgiClient) -> None:
    assert (await client.get("/hello")).body == b"function"
    assert (await client.get("/other")).body == b"function"
    assert (await client.post("/page.html")).body == b"function"


@pytest.mark.parametrize("target", ["/../secret.txt", "/%2e%2e/secret.txt", "/link", "/%00"])
async def test_nothing_outside_the_folder_is_served(client: AsgiClient, target: str) -> None:
    assert (await client.get(target)).body == b"function"
