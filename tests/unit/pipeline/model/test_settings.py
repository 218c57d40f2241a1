"""Parameters from outside, as settings of the training."""

from __future__ import annotations

import pytest

from stellar_pipeline.model.members import Settings, SettingValueError, UnknownSettingError


def test_what_is_not_given_has_its_default() -> None:
    assert Settings.of({}) == Settings()
    assert Settings.of({"leaves": 8}) == Settings(leaves=8)


def test_numbers_may_come_as_json_or_mlflow_write_them() -> None:
    assert Settings.of({"leaves": 8.0, "l2": 1}) == Settings(leaves=8, l2=1.0)


def test_an_unknown_name_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(UnknownSettingError, match="no setting is called leafs; there are boosting_rounds, leaves"):
        Settings.of({"leafs": 8})


@pytest.mark.parametrize("value", [0, -1, 2.5, "many", None, True, float("nan"), float("inf")])
def test_a_value_that_cannot_be_is_refused(value: object) -> None:
    with pytest.raises(SettingValueError, match="leaves="):
        Settings.of({"leaves": value})
