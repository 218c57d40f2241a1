"""Classifying one object, through the handler as an HTTP API calls it."""

import base64
import json
from pathlib import Path

import pytest

from stellar.schema import EXAMPLE
from support.http_events import event

EVENTS = Path(__file__).parents[2] / "events"
ANSWER = {"int_output", "str_output", "label", "probabilities", "model_version", "model_variant", "warnings"}
ANSWER |= {"novelty", "reliable", "obj_ID", "spec_obj_ID"}


def test_object_of_an_aws_event_is_classified(client):
    answer = client.send(json.loads((EVENTS / "rest-predict.json").read_text()))
    assert answer.status == 200
    assert answer.headers["content-type"] == "application/json"
    assert set(answer.json) == ANSWER
    assert sum(answer.json["probabilities"].values()) == pytest.approx(1)
    assert (answer.json["model_version"], answer.json["model_variant"]) == ("test-1", "spectroscopic")


@pytest.mark.parametrize("path", ["/predict", "/predict/"])
def test_predict_is_answered_with_and_without_a_slash(client, path):
    assert client.post(path, {"features": EXAMPLE}).status == 200


def test_object_without_redshift_is_answered_by_the_photometric_model(client):
    without = {name: value for name, value in EXAMPLE.items() if name != "redshift"}
    for features in (without, EXAMPLE | {"redshift": None}):
        assert client.post("/predict", {"features": features}).json["model_variant"] == "photometric"


def test_five_magnitudes_are_enough(client):
    answer = client.post("/predict", {"features": {band: EXAMPLE[band] for band in "ugriz"}})
    assert answer.status == 200
    assert answer.json["model_variant"] == "photometric"
    assert (answer.json["warnings"], answer.json["obj_ID"]) == ([], None)


@pytest.mark.parametrize("identifier", [2**64 - 1, str(2**64 - 1), 1.5e18])
def test_identifiers_come_back_as_they_came(client, identifier):
    row = EXAMPLE | {"obj_ID": identifier}
    assert client.post("/predict", {"features": row}).json["obj_ID"] == identifier
    assert client.post("/predict/batch", {"instances": [row]}).json["predictions"][0]["obj_ID"] == identifier


def test_negative_redshift_is_accepted(client):
    assert client.post("/predict", {"features": EXAMPLE | {"redshift": -0.004}}).status == 200


def test_unusual_value_is_answered_with_a_warning(client):
    (warning,) = client.post("/predict", {"features": EXAMPLE | {"u": 35.0}}).json["warnings"]
    assert warning.startswith("u = 35 is outside the typical range")


def test_body_in_base64_is_understood(client):
    made = event("POST", "/predict", json.dumps({"features": EXAMPLE}))
    made |= {"body": base64.b64encode(made["body"].encode()).decode(), "isBase64Encoded": True}
    assert client.send(made).status == 200
