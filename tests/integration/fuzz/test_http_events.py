"""The REST and GraphQL functions on generated events: every request is answered, and none as a fault of the service."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stellar.schema import EXAMPLE, FIELDS
from support.fuzz import anything, bounded
from support.http_events import CONTEXT, event

PATHS = ("/predict", "/predict/batch", "/model", "/health", "/docs", "/openapi.json", "/stream/test", "/", "/nothing")

odd_numbers: st.SearchStrategy[Any] = st.sampled_from(
    [0, -0.0, 1e308, -1e308, 2**63, 2**64, -(2**63) - 1, 10**300, "1", "NaN", True, None, [], {}]
)
objects = st.dictionaries(st.sampled_from([field.name for field in FIELDS]), odd_numbers | anything, max_size=6).map(
    lambda changes: EXAMPLE | changes
)
bodies = (
    st.builds(lambda features: json.dumps({"features": features}), objects | anything)
    | st.builds(lambda rows: json.dumps({"instances": rows}), st.lists(objects | anything, max_size=4) | anything)
    | anything.map(json.dumps)
    | st.text()
    | st.sampled_from(["[" * 100_000, '{"a":' * 100_000, "9" * 100_000, '"\\ud800"', "\ufeff{}", "nul", "[NaN]"])
)
header_values = st.sampled_from(["", "*/*", "application/json", "text/html", "a" * 5000, "; q=x", "é, ,"]) | st.text()


@st.composite
def events(draw: st.DrawFn) -> dict[str, Any]:
    """Of an HTTP API, as it makes them of whatever a client sends."""
    method = draw(st.sampled_from(["GET", "POST", "HEAD", "OPTIONS", "PUT", "BREW"]))
    path = draw(st.sampled_from(PATHS) | st.text().map("/".__add__))
    made = event(method, path, draw(st.none() | bodies))
    if "body" in made and draw(st.booleans()):
        made["isBase64Encoded"] = True
        content = made["body"].encode("utf-8", "surrogatepass") if draw(st.booleans()) else draw(st.binary(max_size=40))
        made["body"] = base64.b64encode(content).decode()
    names = st.sampled_from(["content-type", "accept", "content-encoding", "host", "traceparent"])
    made["headers"] |= draw(st.dictionaries(names, header_values, max_size=3))
    queries = st.sampled_from(["", "a=b", "%", "%ff=%00", "=&=", "a=x&" * 500])
    made["rawQueryString"] = draw(queries | st.text())
    return made


@pytest.fixture(scope="module")
def rest(loaded: Any) -> Iterator[Any]:
    with loaded("rest") as app:
        yield app


@bounded
@given(made=events())
def test_rest_answers_every_event(rest: Any, made: dict[str, Any]) -> None:
    answer = rest.lambda_handler(made, CONTEXT)
    # 503 is right for /stream/test, which has no broker here
    assert answer["statusCode"] < 500 or (answer["statusCode"] == 503 and made["rawPath"] == "/stream/test"), answer
    assert "Traceback" not in answer["body"]


@pytest.fixture(scope="module")
def graphql(loaded: Any) -> Iterator[Any]:
    with loaded("graphql") as app:
        yield app
        app.runner.close()


def braced(members: dict[str, str]) -> str:
    return "{" + " ".join(f"{name}: {value}" for name, value in members.items()) + "}"


SCALARS = ("1", "-1", "1.5", "1e999", "9" * 40, "9" * 5000, '"x"', '""', "null", "true", "ENUM", "$x", '"""b"""')
literals = st.recursive(
    st.sampled_from(SCALARS),
    lambda inner: (
        st.lists(inner, max_size=4).map(lambda found: f"[{' '.join(found)}]")
        | st.dictionaries(st.sampled_from(["u", "g", "r", "i", "z", "objID", "a"]), inner, max_size=7).map(braced)
    ),
    max_leaves=10,
)
CHANGED = ["redshift", "objID", "specObjID", "MJD", "u"]
whole_objects = st.dictionaries(st.sampled_from(CHANGED), literals, max_size=3).map(
    lambda changes: braced(dict.fromkeys("ugriz", "18") | changes)
)
LEAVES = ["__typename", "model { version }", "health { state }", "...F", "...G", "a: __typename @skip(if: $b)", "x"]
NAMES = ["model", "predict", "predictBatch", "a: predict", "... on Query", "...", "__schema", "services", "x"]
selections = st.recursive(
    st.sampled_from(LEAVES),
    lambda inner: st.builds(
        lambda name, argument, found: f"{name}{argument} {{ {' '.join(found)} }}",
        st.sampled_from(NAMES),
        st.just("") | (whole_objects | literals).map(lambda value: f"(features: {value})"),
        st.lists(inner, min_size=1, max_size=4),
    ),
    max_leaves=12,
)
fragments = st.builds("fragment {} on Query {{ {} }}".format, st.sampled_from("FG"), selections)
HEADS = ["", "($x: Int)", "($b: Boolean!)", "($x: [StarClassificationInput!]!)", "($x: Unknown)", "(", " Q"]
documents = st.builds(
    lambda kind, head, found, others: f"{kind}{head} {{ {' '.join(found)} }} {' '.join(others)}",
    st.sampled_from(["query", "mutation", "subscription", "fragment F on Query"]),
    st.sampled_from(HEADS),
    st.lists(selections, min_size=1, max_size=4),
    st.lists(fragments, max_size=3),
)
predictions = whole_objects.map(lambda value: f"mutation {{ predict(features: {value}) {{ label objID }} }}")
some_variables = st.none() | st.dictionaries(st.sampled_from("xbf"), anything)


@bounded
@given(document=predictions | documents | st.text(), variables=some_variables)
def test_graphql_answers_every_document(graphql: Any, document: str, variables: Any) -> None:
    body = json.dumps({"query": document, "variables": variables})
    answer = graphql.lambda_handler(event("POST", "/graphql", body), CONTEXT)
    content = json.loads(answer["body"])
    assert answer["statusCode"] in (200, 400, 405)
    assert "INTERNAL_SERVER_ERROR" not in {error["extensions"]["code"] for error in content.get("errors", ())}, content
    assert "Traceback" not in answer["body"]


@bounded
@given(made=events())
def test_graphql_answers_every_event(graphql: Any, made: dict[str, Any]) -> None:
    answer = graphql.lambda_handler(made, CONTEXT)
    assert answer["statusCode"] < 500, answer
    assert "Traceback" not in answer["body"]
