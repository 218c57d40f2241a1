"""The layers of a translated template.

Mirrors ``AWS::Lambda::LayerVersion`` of the CloudFormation template reference.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from lambda_emulator.template.errors import SamWordedError
from lambda_emulator.template.resources.catalog import Catalog, Resource
from lambda_emulator.template.resources.code import CodeError, local_folder
from lambda_emulator.template.sam.preparation import local_source
from lambda_emulator.template.values import as_text


def layer_folders(catalog: Catalog) -> dict[str, Path]:
    """The folder of each layer version of the template, by ARN. Raises TemplateError."""
    folders: dict[str, Path] = {}
    for resource in catalog.of_type("AWS::Lambda::LayerVersion"):
        location = resource.asset_path("Content")
        if location is None:
            location = local_source(resource.get("Content", resource.get("ContentUri", "."), tolerant=True))
        if location is None:
            catalog.warn(f"the layer {resource.logical_id} is left out: its content is not on this machine")
            continue
        try:
            folders[as_text(catalog.ref(resource.logical_id))] = local_folder(catalog.root, location)
        except CodeError as error:
            raise resource.error(str(error), "Content") from None
    return folders


def layers_of(catalog: Catalog, function: Resource, folders: Mapping[str, Path]) -> Iterator[Path]:
    """The folders of the layers that a function names. Those of other accounts are left out with a warning.

    Raises TemplateError where a name can be no version of a layer.
    """
    for index, arn in enumerate(function.texts("Layers")):
        if arn in folders:
            yield folders[arn]
        elif _is_mistaken(arn):
            raise function.error(f"{arn} is an Invalid Layer Arn.", "Layers", index, kind=SamWordedError)
        else:
            catalog.warn(
                f"the layer {arn} of {function.logical_id} is left out: it is not on this machine; "
                "what it holds must be installed for the Python that runs the functions"
            )


def _is_mistaken(arn: str) -> bool:
    """Whether a layer's ARN names no version. One whose version is a parameter of Systems Manager may be right."""
    version = arn.rpartition(":")[2]
    return arn.startswith("arn:") and not version.isdecimal() and "/" not in version and "{{resolve:" not in arn
