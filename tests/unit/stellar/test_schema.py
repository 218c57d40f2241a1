"""The one table of fields, and what derives from it."""

import pytest

from stellar.schema import EXAMPLE, FIELDS, StarFeatures, digits

FIRST = ["obj_ID", "alpha", "delta", "u", "g", "r", "i", "z"]
CONTRACT = [*FIRST, "run_ID", "cam_col", "field_ID", "spec_obj_ID", "redshift", "plate", "MJD", "fiber_ID"]


def test_there_are_the_sixteen_columns_of_the_contract_in_order():
    assert [field.name for field in FIELDS] == CONTRACT
    assert list(StarFeatures.model_fields) == CONTRACT


def test_only_the_magnitudes_are_required():
    assert [field.name for field in FIELDS if field.required] == ["u", "g", "r", "i", "z"]
    assert StarFeatures.model_json_schema()["required"] == ["u", "g", "r", "i", "z"]


def test_documents_say_which_magnitudes():
    schema = StarFeatures.model_json_schema()
    assert "not corrected for extinction" in schema["properties"]["u"]["description"]
    assert "PSF magnitudes" in schema["description"]
    assert "dereddened" in schema["description"]


@pytest.mark.parametrize(
    ("identifier", "text"),
    [(2**64 - 1, "18446744073709551615"), ("007", "007"), (1237663784734294016.0, "1237663784734294016"), (0.5, "0.5")],
)
def test_identifier_has_its_digits_in_text(identifier, text):
    assert digits(identifier) == text


def test_graphql_names_are_camel_case():
    names = {field.name: field.graphql_name for field in FIELDS}
    assert (names["obj_ID"], names["cam_col"], names["spec_obj_ID"], names["MJD"]) == (
        "objID",
        "camCol",
        "specObjID",
        "MJD",
    )


def test_the_example_is_valid_and_inside_every_typical_range():
    StarFeatures.model_validate(EXAMPLE)
    for field in FIELDS:
        low, high = field.typical or (field.minimum, field.maximum or float("inf"))
        assert low <= field.example <= high


def test_the_json_schema_tells_limits_units_and_examples():
    properties = StarFeatures.model_json_schema()["properties"]
    assert properties["delta"]["anyOf"][0] == {"type": "number", "minimum": -90, "maximum": 90}
    assert (properties["u"]["minimum"], properties["u"]["maximum"]) == (-5, 40)
    assert "[deg]" in properties["delta"]["description"]
    assert properties["cam_col"]["anyOf"][0]["type"] == "integer"
    assert [kind["type"] for kind in properties["obj_ID"]["anyOf"]] == ["integer", "number", "string", "null"]
