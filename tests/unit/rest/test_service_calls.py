"""The calls about the service itself, the stage prefix, and what an invocation prints."""

import json
import re
from dataclasses import replace

import pytest

from stellar.schema import EXAMPLE, FIELDS
from support.http_events import event

HOST = "https://abcdefghij.execute-api.us-east-1.amazonaws.com"


def test_root_links_to_calls_that_exist(client):
    links = client.get("/").json["links"]
    assert links["health"] == f"{HOST}/health"
    for name, link in links.items():
        if name not in ("graphql", "services"):
            assert client.get(link.removeprefix(HOST)).status == 200


def test_health_tells_model_and_source(client):
    answer = client.get("/health")
    assert answer.status == 200
    assert (answer.json["status"], answer.json["model_version"], answer.json["source"]) == ("ok", "test-1", "default")


def test_health_is_degraded_while_the_champion_cannot_be_used(client, monkeypatch):
    from model import model

    status = replace(model.store.status(), last_error="s3://models/models/champion.json: NoSuchBucket")
    monkeypatch.setattr(type(model.store), "status", lambda store: status)
    answer = client.get("/health")
    assert (answer.status, answer.json["status"]) == (200, "degraded")
    assert "NoSuchBucket" in answer.json["last_error"]


def test_model_tells_what_the_manifest_says(client, model_folder):
    manifest = json.loads((model_folder / "manifest.json").read_text())
    answer = client.get("/model").json
    assert answer["version"] == manifest["version"]
    assert answer["sha256"] == manifest["files"]["model.onnx"]["sha256"]
    assert answer["features"] == manifest["features"]
    assert answer["metrics"]["photometric"]["macro_f1"] == manifest["metrics"]["photometric"]["macro_f1"]
    assert answer["created"] == manifest["created"]


@pytest.mark.parametrize("call", ["/health", "/model", "/openapi.json", "/docs"])
def test_calls_are_answered_behind_a_stage(client, call):
    assert client.get(f"/v1{call}", stage="v1").status == 200


@pytest.mark.parametrize("path", ["/v1", "/v1/"])
def test_links_behind_a_stage_begin_with_it(client, path):
    assert client.get(path, stage="v1").json["links"]["model"] == f"{HOST}/v1/model"


def test_documentation_behind_a_stage_calls_the_stage(client):
    assert client.get("/v1/openapi.json", stage="v1").json["servers"] == [{"url": "/v1"}]
    assert "/v1/openapi.json" in client.get("/v1/docs", stage="v1").text


@pytest.mark.parametrize(("page", "parts"), [("docs", 3), ("redoc", 2)])
@pytest.mark.parametrize(("stage", "prefix"), [("$default", ""), ("v1", "/v1")])
def test_documentation_needs_no_other_server(client, page, parts, stage, prefix):
    text = client.get(f"{prefix}/{page}", stage=stage).text
    links = re.findall(r"""(?:src|href)=["']([^"']+)""", text)
    assert len(links) == parts
    for link in links:
        assert link.startswith(f"{prefix}/static/")
        assert client.get(link, stage=stage).status == 200


def test_file_that_the_documentation_has_not_is_not_found(client):
    answer = client.get("/static/../app.py")
    assert (answer.status, answer.json["title"]) == (404, "Not Found")


def test_prediction_behind_a_stage(client):
    made = event("POST", "/v1/predict", json.dumps({"features": EXAMPLE}), stage="v1")
    assert client.send(made).status == 200


def test_path_that_only_begins_like_the_stage_is_another(client):
    assert client.get("/v10/health", stage="v1").status == 404


def test_openapi_describes_every_call_with_examples_that_are_answered(client):
    document = client.get("/openapi.json").json
    assert set(document["paths"]) >= {"/", "/services", "/health", "/model", "/predict", "/predict/batch"}
    for path in ("/predict", "/predict/batch"):
        operation = document["paths"][path]["post"]
        assert client.post(path, operation["requestBody"]["content"]["application/json"]["example"]).status == 200
        assert set(operation["responses"]) >= {"200", "default"}


def test_openapi_describes_the_object_with_its_limits(client):
    schemas = client.get("/openapi.json").json["components"]["schemas"]
    assert list(schemas["StarFeatures"]["properties"]) == [field.name for field in FIELDS]
    assert schemas["StarFeatures"]["properties"]["u"]["minimum"] == -5
    assert schemas["StarFeatures"]["properties"]["delta"]["anyOf"][0]["minimum"] == -90
    assert schemas["StarFeatures"]["required"] == ["u", "g", "r", "i", "z"]


def test_every_reference_in_the_openapi_document_leads_somewhere(client):
    document = client.get("/openapi.json").json

    def references(value):
        if isinstance(value, dict):
            yield from ([value["$ref"]] if isinstance(value.get("$ref"), str) else [])
            for item in value.values():
                yield from references(item)
        elif isinstance(value, list):
            for item in value:
                yield from references(item)

    for reference in set(references(document)):
        assert reference.removeprefix("#/components/schemas/") in document["components"]["schemas"]


def test_number_of_predictions_is_printed_as_an_embedded_metric(client, capsys):
    client.post("/predict/batch", {"instances": [EXAMPLE, {}, EXAMPLE]})
    (line,) = capsys.readouterr().out.splitlines()
    metric = json.loads(line)
    assert metric["_aws"]["CloudWatchMetrics"][0]["Namespace"] == "Stellar"
    assert (metric["service"], metric["Predictions"]) == ("rest", [2.0])


def test_call_that_classifies_nothing_prints_no_metric(client, capsys):
    client.get("/health")
    assert capsys.readouterr().out == ""
