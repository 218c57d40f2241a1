from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambda_emulator.event_source.batches.filters import Filters
from lambda_emulator.event_source.batches.patterns import InvalidPatternError


def passes(pattern: Any, value: Any) -> bool:
    """Whether a record whose value is this JSON, text or bytes goes through a filter of this pattern."""
    data = value if isinstance(value, bytes | None) else json.dumps(value).encode()
    return Filters([json.dumps(pattern)]).passes(data)


def value(rules: Any) -> dict[str, Any]:
    return {"value": {"field": rules}}


@pytest.mark.parametrize(
    ("rules", "matching", "other"),
    [
        ([None], None, ""),
        ([""], "", "x"),
        (["a", "b"], "b", "c"),
        (["a"], "a", "A"),
        ([True], True, 1),
        ([300], 300, 300.0),
        (["300"], "300", 300),
        ([{"equals-ignore-case": "AbC"}], "aBc", "ab"),
        ([{"prefix": "ab"}], "abc", "bab"),
        ([{"prefix": {"equals-ignore-case": "AB"}}], "aBc", "bab"),
        ([{"suffix": ".png"}], "a.png", "a.PNG"),
        ([{"suffix": {"equals-ignore-case": ".png"}}], "a.PNG", "png"),
        ([{"anything-but": "a"}], "b", "a"),
        ([{"anything-but": ["a", "b"]}], "c", "b"),
        ([{"anything-but": [1, 2]}], 3, 2),
        ([{"anything-but": {"prefix": "a"}}], "b", "ab"),
        ([{"anything-but": {"suffix": ["a", "b"]}}], "c", "xb"),
        ([{"anything-but": {"equals-ignore-case": "a"}}], "b", "A"),
        ([{"numeric": ["=", 5]}], 5.0, 6),
        ([{"numeric": [">", 0, "<=", 5]}], 5, 0),
        ([{"numeric": ["<", -1.5]}], -2, "-2"),
        ([{"exists": True}], 0, {"below": 1}),
        (["a", {"numeric": [">", 5]}], 6, "b"),
    ],
)
def test_operators(rules: list[Any], matching: Any, other: Any) -> None:
    assert passes(value(rules), {"field": matching})
    assert not passes(value(rules), {"field": other})


def test_absence_is_asked_for_with_exists_alone() -> None:
    absent = {"another": 1}
    assert passes(value([{"exists": False}]), absent)
    assert not passes(value([{"exists": False}]), {"field": None})
    for rules in ([None], [""], [{"anything-but": "a"}], [{"exists": True}], [{"numeric": ["<", 1]}]):
        assert not passes(value(rules), absent)


@pytest.mark.parametrize("parent", [None, "text", 7, {}, [], [7], [[]]])
def test_there_is_no_field_below_what_is_no_object(parent: Any) -> None:
    below = {"value": {"parent": {"child": [{"exists": False}]}}}
    assert passes(below, {"parent": parent})
    assert passes(below, {"another": parent})
    assert not passes({"value": {"parent": {"child": ["x"]}}}, {"parent": parent})


def test_a_list_with_one_plain_value_is_there() -> None:
    assert not passes(value([{"exists": False}]), {"field": [{}, [7]]})
    assert passes(value([{"exists": True}]), {"field": [{}, [7]]})
    assert not passes(value([{"exists": True}]), {"field": [{"below": 7}, []]})


def test_a_dot_is_a_part_of_a_name_or_a_step_down() -> None:
    pattern = {"value": {"user.address.city": ["Porto"]}}
    assert passes(pattern, {"user.address.city": "Porto"})
    assert passes(pattern, {"user": {"address.city": "Porto"}})
    assert passes(pattern, {"user": [{"address": {"city": "Porto"}}]})
    assert not passes(pattern, {"user": {"address": {"city": "Faro"}}})
    absent = {"value": {"user.name": [{"exists": False}]}}
    assert not passes(absent, {"user": {"name": "Ana"}})
    assert not passes(absent, {"user.name": "Ana", "user": {}})
    assert passes(absent, {"user": {"address": "Porto"}})


def test_fields_are_anded_and_filters_ored() -> None:
    pattern = {"value": {"a": [1], "b": {"c": ["x"]}}}
    assert passes(pattern, {"a": 1, "b": {"c": "x"}, "more": 1})
    assert not passes(pattern, {"a": 1, "b": {"c": "y"}})
    either = Filters(['{"value": {"a": [1]}}', '{"value": {"b": [2]}}'])
    assert either.passes(b'{"b": 2}')
    assert not either.passes(b'{"a": 2, "b": 1}')


def test_or_within_a_pattern_and_around_it() -> None:
    inside = {"value": {"k": ["v"], "$or": [{"a": [1]}, {"b": [{"numeric": [">", 5]}]}]}}
    assert passes(inside, {"k": "v", "b": 6})
    assert not passes(inside, {"k": "v", "b": 5})
    assert not passes(inside, {"a": 1})
    around = {"$or": [{"value": {"a": [1]}}, {"value": {"a": [2]}}]}
    assert passes(around, {"a": 2})
    assert not passes(around, {"a": 3})


def test_one_matching_element_of_an_array_is_enough() -> None:
    assert passes(value(["b"]), {"field": ["a", "b"]})
    assert not passes(value(["c"]), {"field": ["a", "b"]})
    assert passes({"value": {"items": {"name": ["x"]}}}, {"items": [{"name": "y"}, {"name": "x"}]})
    assert passes(value([{"exists": False}]), {"field": []})


def test_a_filter_of_another_format_drops_nothing() -> None:
    as_json, as_text = value(["a"]), {"value": ["plain", {"prefix": "x"}]}
    for data in (b"plain text", b'"a"', b"42", b"{broken", b"\xff\xfe", None, b""):
        assert passes(as_json, data)
    assert passes(as_text, b'{"field": "other"}')
    assert passes(as_text, b"plain")
    assert passes(as_text, b"xyz")
    assert not passes(as_text, b"something else")


@pytest.mark.parametrize(
    "pattern",
    [
        "",
        "[]",
        "{}",
        '{"value": "text"}',
        '{"value": {}}',
        '{"value": {"a": []}}',
        '{"value": {"a": "b"}}',
        '{"value": {"a": [["b"]]}}',
        '{"value": {"a": [{"unknown": 1}]}}',
        '{"value": {"a": [{"prefix": 1}]}}',
        '{"value": {"a": [{"exists": "yes"}]}}',
        '{"value": {"a": [{"numeric": ["~", 1]}]}}',
        '{"value": {"a": [{"numeric": [">", "1"]}]}}',
        '{"value": {"a": [{"numeric": [">"]}]}}',
        '{"value": {"a": [{"prefix": "a", "suffix": "b"}]}}',
        '{"value": {"a": [{"numeric": [[">"], 1]}]}}',
        '{"value": {"a": [{"numeric": [">", 1, ">", 2]}]}}',
        '{"value": {"a": [{"numeric": ["<", 9, ">", 2]}]}}',
        '{"value": {"a": [{"numeric": ["=", 1, "<", 2]}]}}',
        '{"value": {"a": [{"numeric": [">=", 3, "<=", 3]}]}}',
        '{"value": {"a": [{"anything-but": []}]}}',
        '{"value": {"a": [{"anything-but": null}]}}',
        '{"value": {"a": [{"anything-but": [true]}]}}',
        '{"value": {"a": [{"anything-but": ["a", 1]}]}}',
        '{"value": {"a": [{"anything-but": {"prefix": ""}}]}}',
        '{"value": {"a": [{"anything-but": {"suffix": ["a", ""]}}]}}',
        '{"value": {"a": [{"anything-but": {"prefix": {"equals-ignore-case": "a"}}}]}}',
        pytest.param('{"value": ' + '{"a": ' * 600 + "[1]" + "}" * 601, id="too deep"),
        '{"value": {"$or": [{"a": [1]}]}}',
        '{"key": ["a"]}',
        '{"value": {"a": [1]}, "topic": ["t"]}',
        pytest.param('{"value": ["' + "x" * 4096 + '"]}', id="too long"),
    ],
)
def test_patterns_that_are_none(pattern: str) -> None:
    with pytest.raises(InvalidPatternError):
        Filters([pattern])


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)


@given(JSON)
def test_any_value_either_exists_as_a_leaf_or_does_not(data: Any) -> None:
    event = {"field": data}
    assert passes(value([{"exists": True}, {"exists": False}]), event)


@given(st.text(), JSON)
def test_a_text_matches_itself_and_nothing_else_does(text: str, data: Any) -> None:
    assert passes(value([text]), {"field": text})
    if not isinstance(data, list | dict):
        assert passes(value([text]), {"field": data}) is (data == text)


@pytest.mark.parametrize("opening", [b"[", b'{"a": '])
def test_json_of_any_depth_is_no_obstacle(opening: bytes) -> None:
    assert Filters(['{"value": {"a": [1]}}']).passes(opening * 100_000)


@pytest.mark.parametrize(("number", "small"), [("1e{}", False), ("-1e{}", True), ("1e-{}", True)])
def test_numbers_of_any_size_are_compared(number: str, small: bool) -> None:
    below = Filters(['{"value": {"a": [{"numeric": ["<", 5]}]}}'])
    assert below.passes(b'{"a": %s}' % number.format("9" * 20).encode()) is small


@given(st.binary())
def test_no_bytes_are_too_strange(data: bytes) -> None:
    assert isinstance(Filters(['{"value": {"a": [1]}}']).passes(data), bool)
