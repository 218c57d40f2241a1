"""GraphiQL for browsers, with a mutation that works as it stands.

``make page`` builds it as one file that needs no network. Where that was not done the page is Strawberry's own, for
which the browser loads GraphiQL from a CDN, by hash.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

from strawberry.http.ides import get_graphql_ide_html

from stellar import FIELDS

BUILT = Path(__file__).with_name("graphiql.html")

_PLACE = "__EXAMPLE__"
_WELCOME = re.compile("const EXAMPLE_QUERY = `.*?`;", re.DOTALL)


class PageError(RuntimeError):
    """Strawberry's page has changed: there is no place in it for the example."""


def example_document() -> str:
    """A mutation that classifies the example object."""
    members = "\n".join(f"    {field.graphql_name}: {field.example}" for field in FIELDS)
    selection = (
        "intOutput strOutput label probabilities { GALAXY QSO STAR } modelVersion modelVariant "
        "warnings novelty reliable"
    )
    return f"mutation {{\n  predict(features: {{\n{members}\n  }}) {{\n    {selection}\n  }}\n}}\n"


def graphiql() -> bytes:
    """The page. Raises PageError."""
    if BUILT.exists():
        return BUILT.read_text().replace(_PLACE, example_document()).encode()
    document = json.dumps(example_document())
    page, replaced = _WELCOME.subn(lambda _: f"const EXAMPLE_QUERY = {document};", get_graphql_ide_html("graphiql"))
    if replaced != 1:
        raise PageError("Strawberry's GraphiQL page has no example to be replaced")
    return page.encode()
