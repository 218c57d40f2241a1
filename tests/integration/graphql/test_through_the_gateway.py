"""The GraphQL function as a client meets it: template, HTTP API, Lambda process, the model that the layer ships."""

import json
import urllib.request
from pathlib import Path

import pytest

from stellar import validate_one
from stellar.classifier import Classifier
from stellar.schema import EXAMPLE, FIELDS
from stellar.settings import DEFAULT_MODEL_DIR
from support.commands import serving

ROOT = Path(__file__).resolve().parents[3]

PREDICT = """mutation ($features: StarClassificationInput!) {
    predict(features: $features) { intOutput strOutput label probabilities { GALAXY QSO STAR } modelVersion }
}"""
FEATURES = {field.graphql_name: EXAMPLE[field.name] for field in FIELDS}


@pytest.fixture(scope="module")
def api():
    """``start-api`` on the repository's own template."""
    with serving(ROOT, "start-api", "--concurrency", "1", "--no-watch") as served:
        yield served


def send(api, document: str, **variables: object) -> dict:
    body = json.dumps({"query": document, "variables": variables}).encode()
    request = urllib.request.Request(f"{api.address}/graphql", body, {"content-type": "application/json"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)


def test_contract_example_is_answered_as_by_the_layer(api):
    expected = Classifier.load(DEFAULT_MODEL_DIR).classify_one(validate_one(EXAMPLE))
    answer = send(api, PREDICT, features=FEATURES)
    assert answer == {
        "data": {
            "predict": {
                "intOutput": expected.int_output,
                "strOutput": expected.str_output,
                "label": expected.label,
                "probabilities": expected.probabilities,
                "modelVersion": expected.model_version,
            }
        }
    }


def test_refusal_comes_with_field_and_limit(api):
    (error,) = send(api, PREDICT, features=FEATURES | {"redshift": 21.0})["errors"]
    (violation,) = error["extensions"]["violations"]
    assert (violation["field"], violation["limit"]) == ("features.redshift", "-0.1 ≤ redshift ≤ 20")


def test_services_tell_the_address_at_which_they_were_asked(api):
    with urllib.request.urlopen(f"{api.address}/health", timeout=60):  # REST's function has started from here on
        services = send(api, "{ services { protocol address state } }")["data"]["services"]
    found = {service["protocol"]: service for service in services}
    assert found["GraphQL"]["address"] == f"{api.address}/graphql"
    assert found["REST"] == {"protocol": "REST", "address": api.address, "state": "up"}


def test_browser_gets_graphiql(api):
    request = urllib.request.Request(f"{api.address}/graphql", headers={"accept": "text/html"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        assert answer.headers["content-type"].startswith("text/html")
        assert b"predict(features" in answer.read()
