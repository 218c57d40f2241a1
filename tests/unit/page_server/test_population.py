"""The diagrams' background is what the shipped distributions give."""

from __future__ import annotations

import json

import pytest

from stellar.schema import CLASSES
from stellar_pipeline.reports.page_population import FILE, POINTS, REDSHIFT_EDGES, population


def test_it_is_what_the_page_shows() -> None:
    if not FILE.exists():
        pytest.skip("the page's sources are not in this tree")
    shown = json.loads(FILE.read_text())
    assert shown == json.loads(json.dumps(population())), "run `make schema`"


def test_every_class_has_points_and_shares() -> None:
    made = population(seed=1)["classes"]
    assert set(made) == set(CLASSES)
    for each in made.values():
        assert len(each["points"]) == POINTS
        assert len(each["redshift"]) == len(REDSHIFT_EDGES) - 1
        assert 0.95 < sum(each["redshift"]) <= 1.001


def test_stars_are_at_zero_and_quasars_are_far() -> None:
    made = population(seed=1)["classes"]
    near = REDSHIFT_EDGES.index(0.01)
    assert sum(made["STAR"]["redshift"][:near]) > 0.9
    assert sum(made["QSO"]["redshift"][:near]) < 0.1
