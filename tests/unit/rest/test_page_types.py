"""What the web page makes its types of is the API's own document."""

import json
from pathlib import Path

import pytest

DOCUMENT = Path(__file__).resolve().parents[3] / "frontend/src/api/openapi.json"


def test_the_page_has_the_documents_newest_form(client):
    if not DOCUMENT.exists():
        pytest.skip("the page's sources are not in this tree")
    told = client.get("/openapi.json").json
    assert json.loads(DOCUMENT.read_text()) == told, "run `make schema`"
