"""What start-api says of the routes it serves."""

from __future__ import annotations

from lambda_emulator.cli.service import route_lines
from lambda_emulator.stack import Api, Route
from support.gateway_doubles import a_stack, an_api

URL = Api("HelloUrl", "function_url", (Route("ANY", "$default", "Hello"),))
ALL = "[DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT]"


def test_routes_are_listed_as_sam_lists_them() -> None:
    api = an_api(
        "http", "GET /hello", "POST /hello", "ANY /files/{proxy+}", Route("GET", "/other", "Other"), "$default"
    )
    assert route_lines(a_stack(apis=[api]), "http://127.0.0.1:3000") == [
        "Mounting Hello at http://127.0.0.1:3000/hello [GET, POST]",
        f"Mounting Hello at http://127.0.0.1:3000/files/{{proxy+}} {ALL}",
        "Mounting Other at http://127.0.0.1:3000/other [GET]",
        f"Mounting Hello at http://127.0.0.1:3000/$default {ALL}",
    ]


def test_a_function_url_is_listed_where_it_is() -> None:
    assert route_lines(a_stack(apis=[URL]), "http://h") == [f"Mounting Hello at http://h/$default {ALL}"]
    lines = route_lines(a_stack(apis=[URL, an_api("rest", "GET /x")]), "http://h")
    assert lines[0] == f"Mounting Hello at http://h/lambda-url/Hello/$default {ALL}"
