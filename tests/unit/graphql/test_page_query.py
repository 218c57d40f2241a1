"""The web page's question fits the schema."""

from pathlib import Path

import pytest
from graphql import build_schema, parse, validate

ROOT = Path(__file__).resolve().parents[3]
QUESTION = ROOT / "frontend/src/api/predict.graphql"


def test_the_pages_mutation_is_valid():
    if not QUESTION.exists():
        pytest.skip("the page's sources are not in this tree")
    schema = build_schema((ROOT / "functions/graphql/schema.graphql").read_text())
    assert validate(schema, parse(QUESTION.read_text())) == []
