"""Messages to rows and back."""

import math

from hypothesis import given
from hypothesis import strategies as st

from stellar.schema import EXAMPLE, FIELDS, Prediction
from stellar.validation import Violation
from stellar_grpc.converters import error_message, prediction_message, row_of
from stellar_service.contract import StarFeatures

_VALUES = {
    field.name: st.integers(-(2**63), 2**63 - 1) if field.type is int else st.floats(allow_nan=False)
    for field in FIELDS
}


@given(st.fixed_dictionaries({}, optional=_VALUES))
def test_row_holds_what_was_sent_and_nothing_else(row):
    assert row_of(StarFeatures.FromString(StarFeatures(**row).SerializeToString())) == row


def test_zero_is_not_a_missing_value():
    assert row_of(StarFeatures(redshift=0.0, run_ID=0)) == {"redshift": 0.0, "run_ID": 0}


def test_digits_of_an_identifier_are_exact_and_come_before_the_number():
    message = StarFeatures(obj_ID=1.0, obj_ID_digits="18446744073709551615", spec_obj_ID=2.0)
    assert row_of(message) == {"obj_ID": "18446744073709551615", "spec_obj_ID": 2.0}


def test_identifiers_come_back_in_digits():
    probabilities = {"GALAXY": 0.25, "QSO": 0.5, "STAR": 0.25}
    made = Prediction(1, "OSO", "QSO", probabilities, "v1", "photometric", [], obj_ID=1237663784734294016.0)
    message = prediction_message(made)
    assert (message.obj_ID, message.HasField("spec_obj_ID")) == ("1237663784734294016", False)


def test_nan_stays_nan():
    assert math.isnan(row_of(StarFeatures(redshift=math.nan))["redshift"])


def test_types_are_those_of_the_table():
    row = row_of(StarFeatures(**EXAMPLE))
    assert {name: type(value) for name, value in row.items()} == {field.name: field.type for field in FIELDS}


def test_prediction_is_sent_whole():
    probabilities = {"GALAXY": 0.25, "QSO": 0.5, "STAR": 0.25}
    message = prediction_message(Prediction(1, "OSO", "QSO", probabilities, "v1", "photometric", ["u is odd"]))
    assert (message.int_output, message.str_output, message.label) == (1, "OSO", "QSO")
    assert (message.model_version, message.model_variant, list(message.warnings)) == ("v1", "photometric", ["u is odd"])
    assert {name: getattr(message.probabilities, name) for name in probabilities} == probabilities
    assert not message.HasField("error")


def test_novelty_that_is_not_known_is_not_sent():
    probabilities = {"GALAXY": 0.25, "QSO": 0.5, "STAR": 0.25}
    made = Prediction(1, "OSO", "QSO", probabilities, "v1", "photometric", [])
    assert not any(prediction_message(made).HasField(name) for name in ("novelty", "reliable"))
    made.novelty, made.reliable = 0.999, False
    message = prediction_message(made)
    assert (message.novelty, message.reliable, message.HasField("reliable")) == (0.999, False, True)


def test_refusal_names_every_field_with_its_limit():
    message = error_message((Violation("u", "too bright", "-5 ≤ u ≤ 40"), Violation("g", "missing")))
    assert message.error.message == "u: too bright; g: missing"
    assert [(v.field, v.limit) for v in message.error.violations] == [("u", "-5 ≤ u ≤ 40"), ("g", "")]
