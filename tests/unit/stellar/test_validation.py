"""What is an object, and what is said of that which is not."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from stellar.schema import EXAMPLE, FIELDS, MAGNITUDES, StarFeatures
from stellar.validation import ZERO_REDSHIFT, InvalidObjectError, validate, validate_one


def violation(**changes: Any):
    with pytest.raises(InvalidObjectError) as caught:
        validate_one(EXAMPLE | changes)
    (found,) = caught.value.violations
    return found


def test_negative_redshift_is_accepted():
    assert validate_one(EXAMPLE | {"redshift": -0.004}).redshift == -0.004


@pytest.mark.parametrize("row", [EXAMPLE | {"redshift": None}, {k: v for k, v in EXAMPLE.items() if k != "redshift"}])
def test_absent_redshift_is_nan(row):
    assert math.isnan(validate_one(row).redshift)
    assert math.isnan(validate([row]).redshift[0])


def test_columns_that_are_not_of_the_object_are_ignored():
    assert len(validate([EXAMPLE | {"rerun_ID": 301, "class": "STAR"}])) == 1


def test_sentinel_magnitude_is_refused_in_its_own_words():
    found = violation(u=-9999)
    assert (found.field, found.value) == ("u", -9999)
    assert "not measured" in found.message


@pytest.mark.parametrize("value", [True, "23.9", [1], {}, math.nan, math.inf, -math.inf, 41, -5.1])
def test_magnitude_must_be_a_finite_number_within_limits(value):
    found = violation(u=value)
    assert found.field == "u"
    assert found.limit == "-5 ≤ u ≤ 40"


@pytest.mark.parametrize("value", [math.nan, -0.11, 20.1, "0.5", True])
def test_wrong_redshift_is_refused(value):
    assert violation(redshift=value).field == "redshift"


def test_integer_written_as_a_float_is_taken():
    assert len(validate([EXAMPLE | {"run_ID": 3606.0, "cam_col": 4.0}])) == 1
    assert violation(run_ID=3606.5).field == "run_ID"


def test_identifiers_may_be_exact_integers_or_floats():
    assert len(validate([EXAMPLE | {"obj_ID": 1237663784734294016}, EXAMPLE | {"obj_ID": 1.2376637847342940e18}])) == 2
    assert violation(obj_ID=-1).limit == "obj_ID ≥ 0"


def test_integer_beyond_float64_is_no_failure():
    assert validate([EXAMPLE | {"obj_ID": 10**400}, EXAMPLE]).indices.tolist() == [0, 1]


@pytest.mark.parametrize("row", [None, 3, "x", [], True])
def test_row_that_is_no_object_is_refused(row):
    with pytest.raises(InvalidObjectError, match=r"^An object is expected"):
        validate_one(row)


def test_missing_fields_are_all_named():
    with pytest.raises(InvalidObjectError) as caught:
        validate_one({})
    assert [found.field for found in caught.value.violations] == list(MAGNITUDES)


def test_five_magnitudes_are_an_object():
    bare = {band: EXAMPLE[band] for band in MAGNITUDES}
    assert validate_one(bare).magnitudes == list(bare.values())
    nothing_else = dict.fromkeys([field.name for field in FIELDS if not field.required])
    batch = validate([bare, bare | nothing_else, bare | {"redshift": 0.1}, bare | {"cam_col": 7}])
    assert batch.indices.tolist() == [0, 1, 2]
    assert np.isnan(batch.redshift).tolist() == [True, True, False]
    assert not batch.warnings
    assert batch.errors[0].violations[0].limit == "1 ≤ cam_col ≤ 6"


@pytest.mark.parametrize("identifier", [2**64 - 1, str(2**64 - 1), "007", 1.2376637847342940e18, None])
def test_identifiers_come_back_as_they_came(identifier):
    row = EXAMPLE | {"obj_ID": identifier, "spec_obj_ID": 7}
    assert validate_one(row).identifiers == (identifier, 7)
    assert validate([None, row]).identifiers == [(identifier, 7)]


@pytest.mark.parametrize("text", ["", "12a", "-1", "²", "1" * 21, "1\n", "1.5"])
def test_text_of_an_identifier_is_its_digits(text):
    assert violation(obj_ID=text).message == "The text of an identifier is its digits, 20 at most"


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_optional_value_that_was_sent_must_be_a_number(value):
    assert violation(alpha=value).field == "alpha"


def test_bad_rows_are_told_by_index_and_the_others_stay_in_order():
    batch = validate([EXAMPLE, None, EXAMPLE | {"u": 20.0}, EXAMPLE | {"delta": 91}])
    assert batch.indices.tolist() == [0, 2]
    assert batch.magnitudes[:, 0].tolist() == [EXAMPLE["u"], 20.0]
    assert [error.index for error in batch.errors] == [1, 3]
    assert batch.errors[1].violations[0].field == "delta"


@pytest.mark.parametrize("zero", [0, 0.0, -0.0])
def test_a_redshift_of_exactly_zero_is_a_warning(zero):
    row = EXAMPLE | {"redshift": zero}
    assert validate_one(row).warnings == [ZERO_REDSHIFT]
    assert validate([EXAMPLE, row]).warnings == {1: [ZERO_REDSHIFT]}


def test_value_outside_its_typical_range_is_a_warning():
    batch = validate([EXAMPLE, EXAMPLE | {"u": 35, "redshift": 8}])
    assert list(batch.warnings) == [1]
    assert len(batch.warnings[1]) == 2
    assert batch.warnings[1][0].startswith("u = 35 is outside")


def test_warning_gives_the_value_as_it_is_just_beyond_the_range():
    batch = validate([EXAMPLE | {"u": 32.800001, "redshift": 7.0111}])
    assert [text.split(" is ")[0] for text in batch.warnings[0]] == ["u = 32.800001", "redshift = 7.0111"]


def test_unusual_identity_says_nothing_about_the_class():
    odd = {"delta": 89, "run_ID": 9000, "field_ID": 5000, "plate": 3, "MJD": 0, "fiber_ID": 0}
    assert validate_one(EXAMPLE | odd).warnings == []
    assert not validate([EXAMPLE | odd]).warnings


def test_no_rows_are_an_empty_batch():
    assert len(validate([])) == 0


odd = st.none() | st.booleans() | st.text("ab1", max_size=3) | st.floats() | st.integers()
odd |= st.sampled_from([-9999, [], 4.0, "18446744073709551615", "1" * 21, "１"])
changes = st.dictionaries(st.sampled_from([field.name for field in FIELDS]), odd, max_size=4)


@given(st.lists(changes, max_size=6))
def test_the_quick_way_accepts_just_what_the_model_accepts(many):
    rows = [EXAMPLE | change for change in many]
    batch = validate(rows)
    accepted = []
    for index, row in enumerate(rows):
        try:
            StarFeatures.model_validate(row)
            accepted.append(index)
        except ValidationError:
            assert any(error.index == index for error in batch.errors)
    assert batch.indices.tolist() == accepted


@given(changes)
def test_one_and_many_agree(change):
    row = EXAMPLE | change
    batch = validate([row])
    if batch.errors:
        with pytest.raises(InvalidObjectError) as caught:
            validate_one(row)
        assert str(batch.errors[0].violations) == str(caught.value.violations)  # NaN is not equal to itself
        return
    single = validate_one(row)
    np.testing.assert_array_equal(batch.magnitudes, [single.magnitudes])
    np.testing.assert_array_equal(batch.redshift, [single.redshift])
    assert batch.warnings.get(0, []) == single.warnings
