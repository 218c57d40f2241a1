"""The one table of fields, and what derives from it."""

from stellar.schema import EXAMPLE, FIELDS, StarFeatures

FIRST = ["obj_ID", "alpha", "delta", "u", "g", "r", "i", "z"]
CONTRACT = [*FIRST, "run_ID", "cam_col", "field_ID", "spec_obj_ID", "redshift", "plate", "MJD", "fiber_ID"]


def test_there_are_the_sixteen_columns_of_the_contract_in_order():
    assert [field.name for field in FIELDS] == CONTRACT
    assert list(StarFeatures.model_fields) == CONTRACT


def test_only_redshift_may_be_absent():
    assert [field.name for field in FIELDS if not field.required] == ["redshift"]


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
    assert properties["delta"]["minimum"] == -90
    assert properties["delta"]["maximum"] == 90
    assert "[deg]" in properties["delta"]["description"]
    assert properties["cam_col"]["type"] == "integer"
    assert "redshift" not in StarFeatures.model_json_schema()["required"]
