"""What a web page or a rebound name gets from the HTTP ports: nothing that changes or tells anything."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from support.gateway_doubles import FakeInvoker, a_function, a_stack, an_api
from support.served import Connection, servers_of

PORTS = ("http", "lambda_api")
INVOKE = "POST /2015-03-31/functions/Hello/invocations HTTP/1.1\r\ncontent-length: 2\r\n"


async def status(port: str, head: str, *, body: str = "{}", **options: object) -> tuple[int, int]:
    """The status of a request and how often a function ran. ``{here}`` in the head is the port's own authority."""
    invoker = FakeInvoker(a_function(), answer=lambda event: {"statusCode": 200})
    stack = a_stack(a_function(), apis=[an_api("http", "ANY /x", "$default")])
    async with servers_of(stack, invoker, **options) as addresses:
        address = getattr(addresses, port)
        async with Connection.open(address) as connection:
            head = head.replace("{here}", urlsplit(address).netloc)
            await connection.send(f"{head}\r\n{body}".encode())
            return (await connection.response())[0], len(invoker.calls)


@pytest.mark.parametrize("port", PORTS)
@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "localhost.evil.example", "127.0.0.1.evil.io"])
async def test_a_foreign_host_is_refused(port: str, host: str) -> None:
    assert await status(port, f"{INVOKE}host: {host}\r\n") == (403, 0)


@pytest.mark.parametrize("host", ["{here}", "localhost", "LOCALHOST:1", "[::1]:1", "api.localhost", "192.0.2.1"])
async def test_addresses_and_loopback_names_are_served(host: str) -> None:
    assert (await status("lambda_api", f"{INVOKE}host: {host}\r\n")) == (200, 1)


@pytest.mark.parametrize("allowed", ["host.docker.internal", "*"])
async def test_a_host_that_the_user_names_is_served(allowed: str) -> None:
    head = f"{INVOKE}host: host.docker.internal:3001\r\n"
    assert await status("lambda_api", head, allowed_hosts=(allowed,)) == (200, 1)


@pytest.mark.parametrize("port", PORTS)
@pytest.mark.parametrize("hosts", ["", "host: localhost\r\nhost: evil.example\r\n"])
async def test_no_host_or_two_are_400(port: str, hosts: str) -> None:
    assert await status(port, INVOKE + hosts) == (400, 0)


@pytest.mark.parametrize(
    "header",
    ["origin: http://evil.example", "origin: null", "sec-fetch-site: cross-site", "sec-fetch-site: same-site"],
)
async def test_another_sites_page_cannot_call_the_lambda_api(header: str) -> None:
    head = f"{INVOKE}host: {{here}}\r\ncontent-type: text/plain\r\n{header}\r\n"
    assert await status("lambda_api", head) == (403, 0)


async def test_its_own_page_can() -> None:
    head = f"{INVOKE}host: {{here}}\r\norigin: http://{{here}}\r\nsec-fetch-site: same-origin\r\n"
    assert await status("lambda_api", head) == (200, 1)
