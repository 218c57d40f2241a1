"""Which column is which field."""

from __future__ import annotations

import pytest

from stellar_pipeline.reading.columns import match, parse_map
from stellar_pipeline.reading.errors import AmbiguousColumnError, CatalogueError, MissingColumnError

SKYSERVER = [
    *("objid", "ra", "dec", "u", "g", "r", "i", "z", "run", "rerun", "camcol", "field"),
    *("specobjid", "class", "redshift", "plate", "mjd", "fiberid"),
]


def test_skyservers_names_are_known() -> None:
    found = match("f", SKYSERVER, {}).columns
    assert (found["obj_ID"], found["alpha"], found["cam_col"], found["fiber_ID"]) == (
        "objid",
        "ra",
        "camcol",
        "fiberid",
    )
    assert (found["z"], found["redshift"], found["class"]) == ("z", "redshift", "class")


def test_case_and_blanks_do_not_matter() -> None:
    assert match("f", [" U ", "G", "R", "I", "Z", "RedShift"], {}).columns["redshift"] == "RedShift"


def test_plain_z_beside_named_magnitudes_is_the_redshift() -> None:
    found = match("f", [*(f"modelMag_{band}" for band in "ugriz"), "z"], {})
    assert (found.columns["z"], found.columns["redshift"]) == ("modelMag_z", "z")
    assert found.caution is None


@pytest.mark.parametrize(("column", "kind"), [("psfMag_{}", "PSF"), ("dered_{}", "dereddened")])
def test_other_magnitudes_are_taken_with_a_caution(column: str, kind: str) -> None:
    caution = match("f", [column.format(band) for band in "ugriz"], {}).caution
    assert caution is not None
    assert kind in caution


def test_z_that_may_be_two_things_is_asked_about_and_map_answers() -> None:
    columns = [*"ugriz", "zErr"]
    with pytest.raises(AmbiguousColumnError, match=r"--map z=z"):
        match("f", columns, {})
    assert "redshift" not in match("f", columns, parse_map("z=z")).columns
    other = [*"ugri", "z", "modelMag_z"]
    found = match("f", other, parse_map("redshift=z,z=modelMag_z")).columns
    assert (found["redshift"], found["z"]) == ("z", "modelMag_z")


def test_missing_columns_are_told_with_those_that_are_there() -> None:
    with pytest.raises(MissingColumnError, match=r"lacks g, r, i, z\..*u, flux.*--map g=COLUMN"):
        match("rows.csv", ["u", "flux"], {})


@pytest.mark.parametrize("text", ["u", "nonsense=u", "u="])
def test_map_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(CatalogueError, match="--map takes"):
        parse_map(text)
