"""Where the API asks for tokens, classifying takes a predictor; whoever comes in may read."""

import json

import pytest

from support.http_events import event

MUTATION = """mutation ($x: StarClassificationInput!) {
  predict(features: $x) { label }
  predictBatch(features: [$x]) { label }
}"""


def asked(client, document, variables, authorizer):
    made = event("POST", "/graphql", json.dumps({"query": document, "variables": variables}))
    if authorizer is not None:
        made["requestContext"]["authorizer"] = authorizer
    return client.send(made).json


def jwt(scope):
    return {"jwt": {"claims": {"scope": scope}, "scopes": ["reader"]}}


@pytest.mark.parametrize(
    "authorizer",
    [None, jwt("predictor"), jwt("email operator"), jwt("[reader predictor]"), {"claims": {"scp": "predictor"}}],
)
def test_predictor_classifies(client, example, authorizer):
    answer = asked(client, MUTATION, {"x": example}, authorizer)
    assert "errors" not in answer


@pytest.mark.parametrize("authorizer", [jwt("reader"), jwt(""), {"jwt": {"claims": {}}}, {"lambda": {"a": "b"}}, {}])
def test_reader_may_not_classify_and_is_told_the_role(client, example, authorizer):
    answer = asked(client, MUTATION, {"x": example}, authorizer)
    assert answer["data"] is None  # a batch is never null, so nothing is left of the whole
    assert {error["extensions"]["code"] for error in answer["errors"]} == {"FORBIDDEN"}
    assert {error["message"] for error in answer["errors"]} == {"This needs the role predictor."}


def test_reader_reads(client):
    assert "errors" not in asked(client, "{ model { version } health { status } }", {}, jwt("reader"))
