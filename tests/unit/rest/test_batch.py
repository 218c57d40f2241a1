"""Many objects in one call: order, bad rows, and the limits of a Lambda answer."""

import json

import pytest

from stellar.schema import EXAMPLE

LAMBDA_LIMIT = 6_291_556


def batch(client, rows):
    return client.post("/predict/batch", {"instances": rows})


def test_rows_are_answered_in_order(client):
    redshifts = [0.1, None, 3.0, -0.001, None]
    answer = batch(client, [EXAMPLE | {"redshift": z} for z in redshifts])
    assert answer.status == 200
    assert answer.json["errors"] == []
    alone = [client.post("/predict", {"features": EXAMPLE | {"redshift": z}}).json for z in redshifts]
    for one, other in zip(answer.json["predictions"], alone, strict=True):
        assert one["probabilities"] == pytest.approx(other["probabilities"], abs=1e-6)
        assert one["model_variant"] == other["model_variant"]


def test_bad_row_is_null_and_told_by_its_index(client):
    answer = batch(client, [EXAMPLE, EXAMPLE | {"u": "x", "delta": 91}, EXAMPLE])
    assert answer.status == 200
    assert [prediction is None for prediction in answer.json["predictions"]] == [False, True, False]
    (error,) = answer.json["errors"]
    assert error["index"] == 1
    assert error["violations"] == [
        {
            "field": "instances[1].delta",
            "message": "Input should be less than or equal to 90",
            "limit": "-90 ≤ delta ≤ 90",
            "value": 91,
        },
        {
            "field": "instances[1].u",
            "message": "Input should be a valid number",
            "limit": "-5 ≤ u ≤ 40",
            "value": "x",
        },
    ]


def test_no_rows_are_no_predictions(client):
    assert batch(client, []).json == {"predictions": [], "errors": []}


def test_rows_that_are_all_bad_are_a_422(client):
    answer = batch(client, [{}, 3])
    assert answer.status == 422
    assert {error["field"] for error in answer.json["errors"]} >= {"instances[0].u", "instances[1]"}


@pytest.mark.parametrize("instances", [None, {}, "x", 3])
def test_instances_must_be_a_list(client, instances):
    answer = batch(client, instances)
    assert answer.status == 422
    assert answer.json["errors"][0]["field"] == "instances"


def test_ten_thousand_rows_are_answered(client):
    answer = batch(client, [EXAMPLE | {"redshift": row / 10_000} for row in range(10_000)])
    assert answer.status == 200
    assert len(answer.json["predictions"]) == 10_000


def test_more_rows_than_that_are_too_large(client):
    answer = batch(client, [{}] * 10_001)
    assert answer.status == 413
    assert "10,000" in answer.json["detail"]


@pytest.mark.parametrize("first", [{}, EXAMPLE], ids=["all bad", "all but one bad"])
def test_ten_thousand_bad_rows_do_not_outgrow_a_lambda_answer(client, first):
    answer = batch(client, [first, *[{}] * 9_999])
    assert len(json.dumps(answer.text)) < LAMBDA_LIMIT
    if first:
        assert [error["index"] for error in answer.json["errors"]] == list(range(1, 10_000))
        assert all(len(error["violations"]) + error["omitted"] == 5 for error in answer.json["errors"])
    else:
        assert "50,000 fields are wrong" in answer.json["detail"]


def test_answer_that_lambda_cannot_carry_is_refused_in_words(client):
    odd = dict.fromkeys(["u", "g", "r", "i", "z"], 5.123456789) | {"redshift": -0.0512345678}
    answer = batch(client, [EXAMPLE | odd] * 10_000)
    assert answer.status == 413
    assert "several requests" in answer.json["detail"]
