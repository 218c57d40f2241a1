"""The schema: its text, what it derives from the layer, its limits."""

import dataclasses
from importlib import import_module

import pytest
from graphql import get_introspection_query

from stellar import FIELDS, Prediction
from stellar.schema import FIELD_BY_NAME


@pytest.fixture
def types(graphql):
    """Names and printed types of the fields of a type."""
    found = graphql["schema"].schema.as_str()

    def fields(name):
        block = found.partition(f" {name} {{")[2].partition("\n}")[0]
        lines = [line.strip() for line in block.splitlines()]
        pairs = [line.partition(": ")[::2] for line in lines if ": " in line and line.split(": ")[0].isidentifier()]
        return dict(pairs)

    return fields


def test_exported_text_is_not_stale(graphql):
    export = import_module("export")
    assert export.SDL_FILE.read_text() == export.sdl(), "run `python functions/graphql/export.py`"


def test_input_has_the_tables_fields_in_its_order(types):
    kinds = {int: "Int", float: "Float"}
    expected = {
        field.graphql_name: f"{'CatalogueID' if field.identifier else kinds[field.type]}"
        f"{'!' if field.required else ' = null'}"
        for field in FIELDS
    }
    found = types("StarClassificationInput")
    assert list(found) == [field.graphql_name for field in FIELDS]
    assert found == expected
    assert found["u"] == "Float!"


def test_every_field_is_described_with_its_limit(graphql):
    text = graphql["schema"].schema.as_str()
    for field in FIELD_BY_NAME.values():
        assert field.description in text
        assert field.limit.replace(field.name, field.graphql_name) in text


def test_answer_has_the_fields_of_the_layers_prediction(types):
    camel = ["".join([head, *(part.title() for part in rest)]) for head, *rest in _parts()]
    assert list(types("StarClassificationOutput")) == camel


def _parts():
    names = (field.name for field in dataclasses.fields(Prediction))
    return [name.replace("_ID", "ID").replace("_obj", "Obj").split("_") for name in names]


def test_introspection_is_on(ask):
    answer = ask(get_introspection_query())
    assert answer["data"]["__schema"]["mutationType"]["name"] == "Mutation"


def test_aliases_are_limited(ask):
    fields = " ".join(f"a{number}: __typename" for number in range(101))
    (error,) = ask(f"{{ {fields} }}")["errors"]
    assert error["message"] == "101 aliases found. Allowed: 100"
    assert error["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"


def test_tokens_are_limited(ask):
    (error,) = ask("{ " + "__typename " * 10_001 + "}")["errors"]
    assert "10000 tokens" in error["message"]
    assert error["extensions"]["code"] == "GRAPHQL_PARSE_FAILED"


def test_depth_is_limited(ask):
    errors = ask("{ model " + "{ metrics " * 8 + "{ variant }" + " }" * 8 + " }")["errors"]
    assert any("exceeds maximum operation depth of 6" in error["message"] for error in errors)


def test_model_is_described(ask):
    answer = ask("""{ model { version created algorithm classes features sha256 trainingRows trainingData
        trainingDataFingerprint metrics { variant macroF1 accuracy logLoss calibrationError confusionMatrix
        perClass { label precision recall f1 support } } } }""")
    model = answer["data"]["model"]
    assert model["version"] == "test-1"
    assert model["classes"] == ["GALAXY", "QSO", "STAR"]
    assert [metrics["variant"] for metrics in model["metrics"]] == ["spectroscopic", "photometric"]
    assert [figures["label"] for figures in model["metrics"][0]["perClass"]] == ["GALAXY", "QSO", "STAR"]


def test_health_says_which_model_answers(ask):
    health = ask("{ health { status modelVersion source lastError } }")["data"]["health"]
    assert health == {"status": "ok", "modelVersion": "test-1", "source": "default", "lastError": None}


def test_health_without_a_model_is_unavailable(ask, graphql, monkeypatch, example):
    monkeypatch.setattr(graphql["model"].model, "store", None)
    assert ask("{ health { status } }")["data"]["health"] == {"status": "unavailable"}
    document = "mutation ($x: StarClassificationInput!) { predict(features: $x) { label } }"
    (error,) = ask(document, x=example)["errors"]
    assert error["extensions"] == {"code": "SERVICE_UNAVAILABLE"}


def test_services_that_are_not_configured_are_told_so(ask, monkeypatch):
    for name in ("GRPC_ADDRESS", "KAFKA_BOOTSTRAP_SERVERS"):
        monkeypatch.setenv(name, "")
    services = ask("{ services { protocol address state call } }")["data"]["services"]
    assert [service["protocol"] for service in services] == ["GraphQL", "REST", "gRPC", "Kafka"]
    assert [service["state"] for service in services if not service["address"]] == ["not configured"] * 2
