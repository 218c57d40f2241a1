"""Which resources belong to an API, and its stage."""

from __future__ import annotations

from collections.abc import Iterator

from lambda_emulator.template.resources.catalog import Catalog, Resource
from lambda_emulator.template.values import as_mapping, as_text


def belonging(catalog: Catalog, api: Resource, resource_type: str) -> Iterator[Resource]:
    """The resources of one type that name the API by ``ApiId`` or ``RestApiId``."""
    reference = catalog.ref(api.logical_id)
    for resource in catalog.of_type(resource_type):
        if reference in (resource.get("ApiId", tolerant=True), resource.get("RestApiId", tolerant=True)):
            yield resource


def read_stage(catalog: Catalog, api: Resource, *resource_types: str) -> tuple[str | None, dict[str, str]]:
    """The name and variables of the API's first stage."""
    for resource_type in resource_types:
        for stage in belonging(catalog, api, resource_type):
            name = stage.text("StageName")
            if name:
                variables = as_mapping(
                    stage.get("StageVariables", stage.get("Variables", tolerant=True), tolerant=True)
                )
                return name, {key: as_text(value) for key, value in variables.items()}
    return None, {}
