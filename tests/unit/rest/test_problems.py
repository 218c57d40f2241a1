"""Every error has one shape: RFC 9457 problem details."""

import base64
import gzip
import io
import json

import pytest

from stellar.schema import EXAMPLE
from support.http_events import HttpClient, event


def problem(answer, status):
    assert answer.status == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert {"type", "title", "status", "detail", "instance"} <= set(answer.json)
    assert answer.json["status"] == status
    return answer.json


def test_violations_name_path_message_limit_and_value(client):
    found = problem(client.post("/predict", {"features": EXAMPLE | {"redshift": 30, "cam_col": True}}), 422)
    assert found["errors"] == [
        {
            "field": "features.cam_col",
            "message": "Input should be a valid integer",
            "limit": "1 ≤ cam_col ≤ 6",
            "value": True,
        },
        {
            "field": "features.redshift",
            "message": "Input should be less than or equal to 20",
            "limit": "-0.1 ≤ redshift ≤ 20",
            "value": 30,
        },
    ]


def test_sentinel_is_refused_in_its_own_words(client):
    found = problem(client.post("/predict", {"features": EXAMPLE | {"g": -9999}}), 422)
    assert "not measured" in found["detail"]


@pytest.mark.parametrize(
    "body", ["[]", "3", "null", "{}", json.dumps(EXAMPLE), '{"features": null}', '{"features": []}']
)
def test_json_of_another_shape_is_a_422_that_names_the_member(client, body):
    found = problem(client.post("/predict", body), 422)
    assert found["errors"][0]["field"] == "features"


@pytest.mark.parametrize(
    "body",
    ["", "{", '{"features": NaN}', '{"features": Infinity}', '{"features": {"u": 1e999}}', "[" * 5000, '"\\ud800"'],
    ids=["empty", "cut", "NaN", "Infinity", "1e999", "deep", "half a character"],
)
def test_malformed_json_is_a_400(client, body):
    assert problem(client.post("/predict", body), 400)["detail"].startswith("The body is not JSON: ")


def test_compressed_body_is_a_415_that_says_why(client):
    made = event("POST", "/predict", "x", content_encoding="gzip")
    compressed = gzip.compress(json.dumps({"features": EXAMPLE}).encode())
    answer = client.send(made | {"body": base64.b64encode(compressed).decode(), "isBase64Encoded": True})
    assert "content-encoding is 'gzip'" in problem(answer, 415)["detail"]
    assert answer.headers["accept-encoding"] == "identity"


def test_identity_is_no_encoding(client):
    assert client.post("/predict", {"features": EXAMPLE}, content_encoding="identity").status == 200


def test_request_without_a_body_is_a_400(client):
    problem(client.send(event("POST", "/predict")), 400)


@pytest.mark.parametrize("media_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
def test_other_media_types_are_a_415(client, media_type):
    found = problem(client.post("/predict", {"features": EXAMPLE}, content_type=media_type), 415)
    assert "application/json" in found["detail"]


@pytest.mark.parametrize(
    "media_type", ["application/json; charset=utf-8", "Application/JSON", "application/vnd.x+json"]
)
def test_every_kind_of_json_is_taken(client, media_type):
    assert client.post("/predict", {"features": EXAMPLE}, content_type=media_type).status == 200


def test_request_that_does_not_say_its_media_type_is_taken(client):
    made = event("POST", "/predict", json.dumps({"features": EXAMPLE}))
    del made["headers"]["content-type"]
    assert client.send(made).status == 200


@pytest.mark.parametrize("path", ["/nothing", "/predict/one", "/health/", "/../etc/passwd", "/%00"])
def test_unknown_path_is_a_404(client, path):
    problem(client.get(path), 404)


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [("GET", "/predict", "POST"), ("PUT", "/predict/batch", "POST"), ("POST", "/", "GET")],
)
def test_other_method_is_a_405_that_says_what_is_allowed(client, method, path, allowed):
    answer = client.send(event(method, path))
    problem(answer, 405)
    assert answer.headers["allow"] == allowed


def test_long_text_is_not_sent_back_whole(client):
    answer = client.post("/predict", {"features": EXAMPLE | {"u": "é" * 100_000}})
    assert len(answer.text) < 1000


def test_failure_of_ours_is_a_500_without_a_stack_trace_that_the_log_has(rest, client, monkeypatch):
    from model import model

    def fail():
        raise RuntimeError("secret")

    log = io.StringIO()
    monkeypatch.setattr(rest.logger.registered_handler, "stream", log)
    monkeypatch.setattr(model, "classifier", fail)
    answer = client.post("/predict", {"features": EXAMPLE})
    found = problem(answer, 500)
    assert "secret" not in answer.text
    assert "Traceback" not in answer.text
    assert found["title"] == "Internal Server Error"
    (record,) = map(json.loads, log.getvalue().splitlines())
    assert "RuntimeError: secret" in record["exception"]
    assert record["correlation_id"] == "JKJaXmPLvHcESHA="
    # and the next request is answered
    monkeypatch.undo()
    assert HttpClient(rest.lambda_handler).post("/predict", {"features": EXAMPLE}).status == 200


def test_without_a_model_predictions_are_a_503_and_health_says_so(rest, client, monkeypatch):
    from model import model

    monkeypatch.setattr(model, "store", None)
    problem(client.post("/predict", {"features": EXAMPLE}), 503)
    answer = client.get("/health")
    assert (answer.status, answer.json["status"]) == (503, "unavailable")
