"""Writes the API's document for the web page, which makes its types of it: ``python functions/rest/export.py``."""

import json
from pathlib import Path

from app import app

DOCUMENT_FILE = Path(__file__).resolve().parents[2] / "frontend" / "src" / "api" / "openapi.json"


def document() -> str:
    """The OpenAPI document as text."""
    return f"{json.dumps(app.openapi(), indent=2, ensure_ascii=False)}\n"


if __name__ == "__main__":
    DOCUMENT_FILE.write_text(document())
