"""Limits of a document: counted in linear time, whatever its fragments spread to."""

from __future__ import annotations

from typing import Any

import pytest
from graphql import parse
from hypothesis import given
from hypothesis import strategies as st

NAMES = ("A", "B", "C", "D")


def doubling(depth: int) -> str:
    fragments = [f"fragment F{n} on Query {{ ...F{n + 1} ...F{n + 1} }}" for n in range(depth)]
    return " ".join(["{ ...F0 }", *fragments, f"fragment F{depth} on Query {{ __typename }}"])


def message(ask: Any, document: str, **variables: Any) -> str:
    answer = ask(document, **variables)
    assert "data" not in answer
    (error,) = answer["errors"]
    assert error["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"
    return str(error["message"])


@pytest.mark.parametrize("depth", [12, 26, 45])
def test_fragments_that_double_are_counted_once_each(ask: Any, graphql: Any, depth: int) -> None:
    assert "fields. Allowed: 1,000" in message(ask, doubling(depth))
    measure = graphql["limits"].Measure(parse(doubling(depth)), {})
    with pytest.raises(graphql["limits"].LimitError):
        measure.check()
    assert measure.visits <= 2 * depth + 2


def test_a_long_chain_of_fragments_is_refused(ask: Any) -> None:
    chain = " ".join(f"fragment F{n} on Query {{ ...F{n + 1} }}" for n in range(400))
    text = message(ask, f"{{ ...F0 }} {chain} fragment F400 on Query {{ __typename }}")
    assert text == "The document comes to 402 definitions. Allowed: 50"


def test_a_fragment_that_spreads_itself_is_refused(ask: Any) -> None:
    assert "errors" in ask("{ ...A } fragment A on Query { ...B } fragment B on Query { ...A ...A }")


@pytest.mark.parametrize("end", ["...Unknown", "...F0"])
def test_doubling_that_ends_in_no_field_is_refused(ask: Any, end: str) -> None:
    document = doubling(40).replace("__typename", end)
    assert message(ask, document)


def test_fields_of_one_name_are_limited(ask: Any) -> None:
    assert "comparisons of fields. Allowed: 2,000" in message(ask, "{ " + "__typename " * 500 + "}")


def test_objects_are_counted_over_the_whole_document(ask: Any, example: Any, model_calls: list[int]) -> None:
    document = "mutation($many: [StarClassificationInput!]!) {{ {0} }}"
    fields = " ".join(f"a{n}: predictBatch(features: $many) {{ label }}" for n in range(10))
    assert "20,000 objects" in message(ask, document.format(fields), many=[example] * 2_000)
    assert model_calls == []


def test_objects_of_a_default_value_count(ask: Any, graphql: Any) -> None:
    literal = "[" + "{} " * 600 + "]"
    fields = " ".join(f"a{n}: predictBatch(features: $many) {{ label }}" for n in range(20))
    document = f"mutation($many: [StarClassificationInput!] = {literal}) {{ {fields} }}"
    assert "12,000 objects" in message(ask, document)


def selections(depth: int) -> st.SearchStrategy[str]:
    leaf = st.sampled_from(["__typename", "a: __typename", "b: health { state }", *(f"...{name}" for name in NAMES)])
    if depth == 0:
        return leaf
    inner = st.lists(selections(depth - 1), min_size=1, max_size=4).map(" ".join)
    return leaf | inner.map(lambda text: f"model {{ {text} }}") | inner.map(lambda text: f"... on Query {{ {text} }}")


bodies = st.lists(selections(3), min_size=1, max_size=6).map(" ".join)


@given(operation=bodies, fragments=st.tuples(*(bodies for _ in NAMES)))
def test_no_document_costs_more_than_its_limits(graphql: Any, operation: str, fragments: tuple[str, ...]) -> None:
    limits = graphql["limits"]
    texts = [f"fragment {name} on Query {{ {body} }}" for name, body in zip(NAMES, fragments, strict=True)]
    document = f"{{ {operation} }} {' '.join(texts)}"
    measure = limits.Measure(parse(document), {})
    try:
        measure.check()
    except limits.LimitError:
        return
    roots = 1 + len(NAMES)
    assert measure.visits <= len(document) + roots * 4 * limits.MAX_FIELDS
