"""GraphQL over HTTP: methods, media types, malformed requests, the page for browsers."""

import base64
import gzip
import json
from urllib.parse import urlencode

import pytest

from support.http_events import event

TYPENAME = "{ __typename }"
NEWER = "application/graphql-response+json"


def get(**parameters):
    return {**event("GET", "/graphql"), "rawQueryString": urlencode(parameters)}


def test_query_may_be_sent_by_get(client):
    assert client.send(get(query=TYPENAME)).json == {"data": {"__typename": "Query"}}


def test_query_by_get_takes_variables_and_the_operations_name(client):
    document = "query A { a: __typename } query B($no: Boolean!) { b: __typename @skip(if: $no) }"
    made = get(query=document, operationName="B", variables='{"no": false}')
    assert client.send(made).json == {"data": {"b": "Query"}}


@pytest.mark.parametrize("name", [None, ""])
def test_which_of_several_operations_is_meant_must_be_said(client, name):
    body = {"query": "mutation A { a: __typename } query B { b: __typename }", "operationName": name}
    answer = client.post("/graphql", body)
    (error,) = answer.json["errors"]
    assert error["message"] == "Must provide operation name if query contains multiple operations."
    assert "data" not in answer.json
    assert client.post("/graphql", body | {"operationName": "B"}).json == {"data": {"b": "Query"}}


def test_mutation_by_get_is_not_allowed(client):
    answer = client.send(get(query="mutation { __typename }"))
    assert answer.status == 405
    assert answer.headers["allow"] == "POST"


def test_other_methods_are_not_allowed(client):
    answer = client.send(event("PUT", "/graphql", "{}"))
    assert answer.status == 405
    assert answer.headers["allow"] == "GET, POST"
    assert answer.json["errors"][0]["extensions"] == {"code": "BAD_REQUEST"}


@pytest.mark.parametrize(
    "body",
    [
        "{",
        "[]",
        "{}",
        '{"query": ""}',
        '{"query": 1}',
        '{"query": "{ __typename }", "variables": []}',
        '{"query": "{ __typename }", "variables": "x"}',
        '{"query": "{ __typename }", "operationName": 1}',
        '{"query": "{ __typename }", "operationName": "Absent"}',
        "\u00ff",
        "null",
    ],
)
def test_body_that_is_no_request_is_400(client, body):
    answer = client.post("/graphql", body)
    assert answer.status == 400
    assert answer.json["errors"][0]["extensions"]["code"] == "BAD_REQUEST"


@pytest.mark.parametrize("parameters", [{"variables": "{"}, {"query": TYPENAME, "variables": "{"}, {"query": ""}])
def test_parameters_that_are_no_request_are_400(client, parameters):
    assert client.send(get(**parameters)).status == 400


def test_other_media_types_are_415(client):
    assert client.post("/graphql", "query=x", content_type="application/x-www-form-urlencoded").status == 415


def test_charset_beside_the_media_type_is_no_matter(client):
    body = {"query": TYPENAME}
    assert client.post("/graphql", body, content_type="application/json; charset=utf-8").status == 200


def test_body_in_base64_is_read(client):
    made = event("POST", "/graphql", "x")
    made |= {"body": base64.b64encode(json.dumps({"query": TYPENAME}).encode()).decode(), "isBase64Encoded": True}
    assert client.send(made).json == {"data": {"__typename": "Query"}}


def test_compressed_body_is_415_with_the_reason(client):
    made = event("POST", "/graphql", "x", content_encoding="gzip")
    compressed = gzip.compress(json.dumps({"query": TYPENAME}).encode())
    answer = client.send(made | {"body": base64.b64encode(compressed).decode(), "isBase64Encoded": True})
    assert answer.status == 415
    assert "without Content-Encoding" in answer.json["errors"][0]["message"]


def test_body_that_is_not_utf8_is_400(client):
    made = event("POST", "/graphql", "x")
    made |= {"body": base64.b64encode(b'{"query": "\xff"}').decode(), "isBase64Encoded": True}
    assert client.send(made).status == 400


@pytest.mark.parametrize("document", ["{", "{ absent }"])
def test_request_that_fails_is_200_in_the_older_media_type_and_400_in_the_newer(client, document):
    older = client.post("/graphql", {"query": document})
    newer = client.post("/graphql", {"query": document}, accept=NEWER)
    assert (older.status, newer.status) == (200, 400)
    assert newer.headers["content-type"].startswith(NEWER)
    assert older.json == newer.json
    assert "data" not in older.json


def test_field_that_fails_is_200_in_both_media_types(client, example):
    document = "mutation ($x: StarClassificationInput!) { predict(features: $x) { label } }"
    body = {"query": document, "variables": {"x": example | {"u": -9999.0}}}
    assert [client.post("/graphql", body, accept=accept).status for accept in ("*/*", NEWER)] == [200, 200]


def test_browser_gets_graphiql_with_the_example(client, graphql, monkeypatch, tmp_path):
    page = graphql["page"]
    built = tmp_path / "graphiql.html"
    monkeypatch.setattr(page, "BUILT", built)
    from_a_cdn = client.send(event("GET", "/graphql", accept="text/html,application/xhtml+xml"))
    assert from_a_cdn.headers["content-type"] == "text/html; charset=utf-8"
    assert json.dumps(page.example_document()) in from_a_cdn.text
    assert "Welcome to GraphiQL" not in from_a_cdn.text
    # WHEN it is built THEN that is served
    built.write_text("<script>__EXAMPLE__</script>")
    assert client.send(event("GET", "/graphql", accept="text/html")).text == (
        f"<script>{page.example_document()}</script>"
    )


def test_browser_that_asks_a_query_gets_its_answer(client):
    made = {**event("GET", "/graphql", accept="text/html"), "rawQueryString": urlencode({"query": TYPENAME})}
    assert client.send(made).json == {"data": {"__typename": "Query"}}


def test_event_of_a_rest_api_is_understood(client):
    made = {
        "version": "1.0",
        "httpMethod": "GET",
        "path": "/graphql",
        "headers": {"Accept": "*/*"},
        "queryStringParameters": {"query": TYPENAME},
        "requestContext": {},
        "body": None,
        "isBase64Encoded": False,
    }
    assert client.send(made).json == {"data": {"__typename": "Query"}}


@pytest.mark.parametrize(("path", "base"), [("/graphql", ""), ("/v1/graphql", "/v1"), ("/v1/graphql/", "/v1")])
def test_address_of_the_api_keeps_its_stage(graphql, path, base):
    made = event("POST", path, "{}", host="api.example", x_forwarded_proto="https")
    assert graphql["wire"].Exchange.of(made).base_url == f"https://api.example{base}"


def test_failure_of_ours_is_logged_and_not_shown(ask, graphql, example, monkeypatch, caplog):
    monkeypatch.setattr(type(graphql["model"].model.store.classifier), "_run", lambda *_: 1 / 0)
    document = "mutation ($x: StarClassificationInput!) { predict(features: $x) { label } }"
    (error,) = ask(document, x=example)["errors"]
    assert error["extensions"] == {"code": "INTERNAL_SERVER_ERROR"}
    assert "division" not in error["message"]
    assert "ZeroDivisionError" in caplog.text
