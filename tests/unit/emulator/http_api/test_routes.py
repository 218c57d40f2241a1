"""Which route of an API a request takes."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from lambda_emulator.http_api.routes import Rank, RouteTable
from support.gateway_doubles import an_api

PETS = ("GET /pets/dog/1", "GET /pets/dog/{id}", "GET /pets/{proxy+}", "ANY /{proxy+}", "$default")


def taken(kind: str, routes: tuple[str, ...], method: str, path: str) -> tuple[str, dict[str, str] | None] | None:
    match = RouteTable(an_api(kind, *routes)).find(method, path)
    return (match.route.key, match.parameters) if match else None


def test_priorities_of_the_developer_guide() -> None:
    assert taken("http", PETS, "GET", "/pets/dog/1") == ("GET /pets/dog/1", None)
    assert taken("http", PETS, "GET", "/pets/dog/2") == ("GET /pets/dog/{id}", {"id": "2"})
    assert taken("http", PETS, "GET", "/pets/cat/1") == ("GET /pets/{proxy+}", {"proxy": "cat/1"})
    assert taken("http", PETS, "POST", "/test/5") == ("ANY /{proxy+}", {"proxy": "test/5"})
    assert taken("http", PETS, "GET", "/") == ("$default", None)


def test_a_full_match_with_variables_beats_a_greedy_one_with_more_literals() -> None:
    assert taken("http", ("GET /pets/{proxy+}", "GET /{a}/{b}"), "GET", "/pets/1") == (
        "GET /{a}/{b}",
        {"a": "pets", "b": "1"},
    )


def test_a_literal_segment_beats_a_variable_whatever_the_order() -> None:
    for routes in (("GET /{a}/x", "GET /pets/{b}"), ("GET /pets/{b}", "GET /{a}/x")):
        assert taken("http", routes, "GET", "/pets/x") == ("GET /pets/{b}", {"b": "x"})


def test_the_method_beats_any() -> None:
    assert taken("http", ("ANY /pets", "GET /pets"), "GET", "/pets") == ("GET /pets", None)
    assert taken("http", ("ANY /pets", "GET /pets"), "PUT", "/pets") == ("ANY /pets", None)


def test_a_path_without_the_method_falls_through_to_a_wider_route() -> None:
    assert taken("http", ("GET /pets", "ANY /{proxy+}"), "POST", "/pets") == ("ANY /{proxy+}", {"proxy": "pets"})
    assert taken("http", ("GET /pets",), "POST", "/pets") is None


def test_a_greedy_variable_takes_an_empty_rest_but_not_the_root() -> None:
    assert taken("http", ("GET /pets/{proxy+}",), "GET", "/pets/") == ("GET /pets/{proxy+}", {"proxy": ""})
    assert taken("http", ("GET /pets/{proxy+}",), "GET", "/pets") is None
    assert taken("http", ("ANY /{proxy+}",), "GET", "/") is None


def test_a_trailing_slash_is_a_path_of_its_own_in_http_apis_only() -> None:
    assert taken("http", ("GET /pets",), "GET", "/pets/") is None
    assert taken("rest", ("GET /pets",), "GET", "/pets/") == ("GET /pets", None)
    assert taken("rest", ("GET /",), "GET", "/") == ("GET /", None)


def test_slashes_in_front_of_a_path_say_nothing_in_rest_apis() -> None:
    assert taken("rest", ("GET /pets",), "GET", "//pets") == ("GET /pets", None)
    assert taken("rest", ("GET /{proxy+}",), "GET", "///a//b/") == ("GET /{proxy+}", {"proxy": "a//b"})
    assert taken("http", ("GET /pets",), "GET", "//pets") is None


def test_head_and_options_are_methods_like_others() -> None:
    assert taken("http", ("GET /pets",), "HEAD", "/pets") is None
    assert taken("http", ("ANY /pets",), "HEAD", "/pets") == ("ANY /pets", None)


def test_dots_and_brackets_in_a_route_are_plain_text() -> None:
    assert taken("http", ("GET /a.b/{id}",), "GET", "/axb/1") is None
    assert taken("http", ("GET /openapi.json",), "GET", "/openapi.json") == ("GET /openapi.json", None)


@given(st.text(alphabet="abc/.{}+%\n é", max_size=30), st.sampled_from(["GET", "POST", "OPTIONS", "BREW"]))
def test_any_path_finds_at_most_one_route_and_never_fails(path: str, method: str) -> None:
    match = RouteTable(an_api("http", *PETS)).find(method, f"/{path}")
    assert match is not None
    if match.rank is Rank.GREEDY:
        assert match.parameters is not None
        assert f"/{path}".endswith(match.parameters["proxy"])


@given(st.lists(st.text(alphabet="abcxyz019-_", min_size=1, max_size=6), min_size=1, max_size=5))
def test_variables_hold_exactly_their_segments(segments: list[str]) -> None:
    template = "/" + "/".join(f"{{v{number}}}" for number in range(len(segments)))
    found = taken("http", (f"GET {template}",), "GET", "/" + "/".join(segments))
    assert found is not None
    assert list((found[1] or {}).values()) == segments
