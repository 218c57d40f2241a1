"""``predict`` and ``predictBatch``."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stellar import validate_one
from stellar.schema import EXAMPLE

ANSWER = """
    intOutput strOutput label probabilities { GALAXY QSO STAR } modelVersion modelVariant warnings objID specObjID
"""
PREDICT = f"mutation ($x: StarClassificationInput!) {{ predict(features: $x) {{ {ANSWER} }} }}"
BATCH = f"mutation ($x: [StarClassificationInput!]!) {{ predictBatch(features: $x) {{ {ANSWER} }} }}"


def violations(error):
    return {violation["field"]: violation.get("limit") for violation in error["extensions"]["violations"]}


def test_answer_is_that_of_the_layer(ask, graphql, example):
    expected = graphql["model"].model.store.classifier.classify_one(validate_one(EXAMPLE))
    assert ask(PREDICT, x=example) == {
        "data": {
            "predict": {
                "intOutput": expected.int_output,
                "strOutput": expected.str_output,
                "label": expected.label,
                "probabilities": expected.probabilities,
                "modelVersion": "test-1",
                "modelVariant": "spectroscopic",
                "warnings": [],
                "objID": "1237663784734294016",
                "specObjID": "654377782530150400",
            }
        }
    }


def test_negative_redshift_is_accepted(ask, example):
    assert ask(PREDICT, x=example | {"redshift": -0.0003})["data"]["predict"]["modelVariant"] == "spectroscopic"


@pytest.mark.parametrize("absent", [{}, {"redshift": None}])
def test_object_without_redshift_goes_to_the_photometric_model(ask, example, absent):
    del example["redshift"]
    assert ask(PREDICT, x=example | absent)["data"]["predict"]["modelVariant"] == "photometric"


def test_unusual_value_is_answered_with_a_warning(ask, example):
    (warning,) = ask(PREDICT, x=example | {"redshift": 8.0})["data"]["predict"]["warnings"]
    assert "outside the typical range" in warning


def test_refused_object_is_told_with_field_limit_and_value(ask, example):
    answer = ask(PREDICT, x=example | {"redshift": 99.0, "camCol": 7})
    assert answer["data"] == {"predict": None}
    (error,) = answer["errors"]
    assert error["path"] == ["predict"]
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert violations(error) == {"features.camCol": "1 ≤ camCol ≤ 6", "features.redshift": "-0.1 ≤ redshift ≤ 20"}
    assert {violation["value"] for violation in error["extensions"]["violations"]} == {7, 99.0}


def test_sentinel_is_refused(ask, example):
    (error,) = ask(PREDICT, x=example | {"u": -9999.0})["errors"]
    assert violations(error) == {"features.u": "-5 ≤ u ≤ 40"}


@pytest.mark.parametrize("change", [{"u": None}, {"alpha": "12"}, {"runID": 1.5}, {"cam_col": 1}, {"camCol": True}])
def test_object_that_does_not_fit_the_schema_is_refused(ask, example, change):
    (error,) = ask(PREDICT, x=example | change)["errors"]
    assert error["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"


def test_literals_do_as_well_as_variables(ask, graphql):
    answer = ask(graphql["page"].example_document())
    assert answer["data"]["predict"]["label"]
    assert "errors" not in answer


def test_aliases_of_one_request_share_a_model_call(ask, example, model_calls):
    document = """mutation ($x: StarClassificationInput!, $bad: StarClassificationInput!) {
        first: predict(features: $x) { label }
        second: predict(features: $bad) { label }
        third: predict(features: $x) { modelVariant }
    }"""
    answer = ask(document, x=example, bad=example | {"u": -9999.0})
    assert model_calls == [2]
    assert answer["data"]["first"]["label"]
    assert answer["data"]["third"] == {"modelVariant": "spectroscopic"}
    assert answer["data"]["second"] is None
    assert [error["path"] for error in answer["errors"]] == [["second"]]


def test_batch_is_answered_in_order_with_null_for_what_is_refused(ask, example, model_calls):
    rows = [example, example | {"redshift": -1.0}, example | {"redshift": None}]
    answer = ask(BATCH, x=rows)
    assert model_calls == [2]
    found = answer["data"]["predictBatch"]
    assert [each and each["modelVariant"] for each in found] == ["spectroscopic", None, "photometric"]
    (error,) = answer["errors"]
    assert error["path"] == ["predictBatch", 1]
    assert violations(error) == {"features[1].redshift": "-0.1 ≤ redshift ≤ 20"}


def test_empty_batch_has_an_empty_answer(ask):
    assert ask(BATCH, x=[]) == {"data": {"predictBatch": []}}


def test_batch_beyond_the_limit_is_refused(ask, graphql, example, monkeypatch):
    monkeypatch.setattr(graphql["schema"], "MAX_OBJECTS", 2)
    answer = ask(BATCH, x=[example] * 3)
    assert answer["data"] is None
    assert violations(answer["errors"][0]) == {"features": "at most 2"}


@given(st.integers(0, 2**64 - 1), st.booleans())
def test_identifier_keeps_64_bits(graphql, identifier, as_text):
    parse = graphql["objects"].CATALOGUE_ID.parse_value
    assert parse(str(identifier) if as_text else identifier) == identifier


@pytest.mark.parametrize("identifier", [2**64 - 1, str(2**63 + 1), 1237663784734294016.0, 0])
def test_identifier_may_be_integer_float_or_digits(ask, example, identifier):
    answer = ask(PREDICT, x=example | {"objID": identifier})["data"]["predict"]
    assert answer["objID"] == str(int(identifier))


def test_five_magnitudes_are_enough(ask, example):
    answer = ask(PREDICT, x={band: example[band] for band in "ugriz"})["data"]["predict"]
    assert answer["modelVariant"] == "photometric"
    assert (answer["objID"], answer["specObjID"]) == (None, None)


@pytest.mark.parametrize("identifier", ["12a", "", "-1", "²", "1" * 21, True, [1], {}])
def test_identifier_of_another_kind_is_refused(ask, example, identifier):
    (error,) = ask(PREDICT, x=example | {"objID": identifier})["errors"]
    assert error["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"


@pytest.mark.parametrize("literal", ['"12a"', "true", "[1]", "{}", "A", "[]"])
def test_literal_that_is_no_identifier_is_refused(ask, literal):
    fields = " ".join(f"{band}: 18" for band in "ugriz")
    (error,) = ask(f"mutation {{ predict(features: {{{fields} objID: {literal}}}) {{ label }} }}")["errors"]
    assert error["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"
    assert "or its digits as text" in error["message"]


def test_negative_identifier_is_refused_with_its_limit(ask, example):
    (error,) = ask(PREDICT, x=example | {"objID": -1})["errors"]
    assert violations(error)["features.objID"] == "objID ≥ 0"
