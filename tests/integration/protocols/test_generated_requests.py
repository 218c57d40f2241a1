"""Requests generated from the API's own documents, right ones and wrong ones: none of them may break the service."""

from __future__ import annotations

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis_graphql import nodes
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance

from support.up import Up

pytestmark = pytest.mark.xdist_group("up")

# A batch is answered row by row (200 with `errors`), and refused whole only where it, or its answer, is too large.
BATCH = "/predict/batch"
ROW_BY_ROW = [negative_data_rejection, positive_data_acceptance]

THE_CLIENTS_FAULT = {"BAD_USER_INPUT", "GRAPHQL_VALIDATION_FAILED"}

some = settings(max_examples=60, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))

schemathesis.graphql.scalar("CatalogueID", st.integers(-1, 2**63).map(nodes.Int))


@pytest.fixture(scope="module")
def rest_schema(up: Up) -> Any:
    return schemathesis.openapi.from_url(f"{up.url()}/openapi.json")


@pytest.fixture(scope="module")
def graphql_schema(up: Up) -> Any:
    return schemathesis.graphql.from_url(f"{up.url()}/graphql")


rest = schemathesis.pytest.from_fixture("rest_schema")
graphql = schemathesis.pytest.from_fixture("graphql_schema")


@rest.parametrize()
@some
def test_rest_answers_as_its_document_says(case: Any) -> None:
    case.call_and_validate(excluded_checks=ROW_BY_ROW if case.path == BATCH else [])


@graphql.parametrize()
@some
def test_graphql_never_fails_on_its_own_account(case: Any) -> None:
    content = case.call_and_validate(checks=[not_a_server_error]).json()
    codes = {error["extensions"]["code"] for error in content.get("errors", ())}
    assert codes <= THE_CLIENTS_FAULT, content
