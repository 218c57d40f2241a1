"""Several APIs on one port, and the two ways to write a path."""

from __future__ import annotations

from lambda_emulator.http_api.directory import Directory
from lambda_emulator.stack import Api, Route
from support.gateway_doubles import an_api

REST = an_api("rest", "GET /hello", "ANY /files/{proxy+}", logical_id="Rest")
HTTP = an_api("http", "GET /items/{id}", "$default", logical_id="Http")
URL = Api("HelloUrl", "function_url", (Route("ANY", "$default", "Hello"),))


def located(apis: list[Api], method: str, path: str) -> tuple[str, str, str] | None:
    found = Directory(apis).locate(method, path, path)
    return (found.mount.api.logical_id, found.match.route.key, found.prefix) if found else None


def test_every_route_is_at_the_root() -> None:
    assert located([REST, HTTP], "GET", "/hello") == ("Rest", "GET /hello", "")
    assert located([REST, HTTP], "GET", "/items/4") == ("Http", "GET /items/{id}", "")


def test_a_path_may_begin_with_the_stage() -> None:
    assert located([REST], "GET", "/Prod/hello") == ("Rest", "GET /hello", "/Prod")
    assert located([REST], "GET", "/Prodigy/hello") is None
    assert located([REST], "GET", "/Prod") is None


def test_a_default_route_does_not_swallow_another_apis_stage() -> None:
    assert located([HTTP, REST], "GET", "/Prod/hello") == ("Rest", "GET /hello", "/Prod")
    assert located([HTTP, REST], "GET", "/other") == ("Http", "$default", "")


def test_a_greedy_route_does_not_swallow_its_own_apis_stage() -> None:
    api = an_api("rest", "ANY /{proxy+}", "ANY /")
    assert located([api], "GET", "/Prod/a/b") == ("RestApi", "ANY /{proxy+}", "/Prod")
    assert located([api], "GET", "/Prod") == ("RestApi", "ANY /", "/Prod")
    assert located([api], "GET", "/a/b") == ("RestApi", "ANY /{proxy+}", "")


def test_a_route_named_as_the_stage_is_found_first() -> None:
    api = an_api("http", "GET /api/items", "GET /items", stage="api")
    assert located([api], "GET", "/api/items") == ("HttpApi", "GET /api/items", "")


def test_a_full_match_in_a_later_api_beats_a_greedy_one_in_an_earlier() -> None:
    first = an_api("http", "ANY /{proxy+}", logical_id="First")
    second = an_api("http", "GET /exact", logical_id="Second")
    assert located([first, second], "GET", "/exact") == ("Second", "GET /exact", "")


def test_a_function_url_is_under_its_prefix_beside_other_apis() -> None:
    assert located([REST, URL], "GET", "/lambda-url/Hello/x") == ("HelloUrl", "$default", "/lambda-url/Hello")
    assert located([REST, URL], "GET", "/x") is None


def test_a_lone_function_url_is_at_the_root_too() -> None:
    assert located([URL], "POST", "/x") == ("HelloUrl", "$default", "")
    assert located([URL], "POST", "/lambda-url/Hello") == ("HelloUrl", "$default", "/lambda-url/Hello")


def test_a_refusal_is_in_the_style_of_the_api_whose_stage_is_named() -> None:
    directory = Directory([HTTP, REST])
    assert getattr(directory.refusing_api("/Prod/nothing"), "logical_id", None) == "Rest"
    assert getattr(directory.refusing_api("/nothing"), "logical_id", None) == "Http"
    assert Directory([]).refusing_api("/") is None


def test_the_more_specific_path_of_a_later_api_wins() -> None:
    first = an_api("rest", "ANY /{proxy+}", "GET /users/{id}", logical_id="First")
    second = an_api("rest", "ANY /files/{proxy+}", "GET /users/me", logical_id="Second")
    assert located([first, second], "GET", "/files/a") == ("Second", "ANY /files/{proxy+}", "")
    assert located([first, second], "GET", "/users/me") == ("Second", "GET /users/me", "")
    assert located([first, second], "GET", "/other") == ("First", "ANY /{proxy+}", "")
