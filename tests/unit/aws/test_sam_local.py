"""What `sam local` stumbles over, for it reads an API's document before any condition is decided."""

from __future__ import annotations

from typing import Any

from lambda_emulator.template.source.document import read_document
from stellar_local_stack.project import ROOT


def api_document() -> Any:
    return read_document(ROOT / "template.yaml").data["Resources"]["Api"]["Properties"]["DefinitionBody"]


def test_every_security_scheme_has_its_name_outside_of_the_condition() -> None:
    schemes = api_document()["components"]["securitySchemes"]
    assert list(schemes) == ["Tokens"]
    assert all(isinstance(scheme, dict) for scheme in schemes.values())


def test_no_operation_of_the_document_names_a_function() -> None:
    """Routes are the functions' events: of a function's operation, `sam local` would read the conditional security."""
    operations = [operation for path in api_document()["paths"].values() for operation in path.values()]
    assert operations
    assert not any("x-amazon-apigateway-integration" in operation for operation in operations)
