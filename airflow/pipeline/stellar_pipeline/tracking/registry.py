"""The registered model ``star_class_model_prod`` in MLflow: versions, their aliases, and what they were made of.

MLflow numbers its versions. Everybody else knows a model by its own version, ``20260101-1a2b3c4d``, which is the
``VERSION_TAG`` of the MLflow version.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Literal

from stellar.artefact import Artefact
from stellar.manifest import MANIFEST_FILE, Manifest
from stellar_pipeline.tracking.server import MODEL_NAME

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities.model_registry import ModelVersion

Alias = Literal["champion", "challenger"]

SERVING = "serving"
"""Folder of a run's artefacts that holds what is served: model.onnx and manifest.json."""

VERSION_TAG = "stellar.version"
SKLEARN_TAG = "stellar.sklearn_model"

_DESCRIPTION = (
    "Star, galaxy or quasar, for objects of SDSS. The registered file is the ONNX model; the tag "
    f"{SKLEARN_TAG} leads to the same model in scikit-learn."
)


class VersionNotRegisteredError(RuntimeError):
    """MLflow knows no such version."""


@dataclass(frozen=True, slots=True)
class Registered:
    """One registered version: MLflow's number, the model's own version, its run and aliases."""

    number: str
    version: str
    run_id: str
    aliases: tuple[str, ...]
    tags: Mapping[str, str]


def register(client: MlflowClient, model_uri: str, model_id: str, run_id: str, tags: Mapping[str, str]) -> str:
    """Make a logged model the newest version of the registered one; MLflow's number of it. Raises MlflowException."""
    from mlflow.exceptions import MlflowException

    try:
        client.create_registered_model(MODEL_NAME, description=_DESCRIPTION)
    except MlflowException as error:
        if "RESOURCE_ALREADY_EXISTS" not in str(error.error_code):
            raise
    made = client.create_model_version(MODEL_NAME, model_uri, run_id, tags=dict(tags), model_id=model_id)
    return str(made.version)


def registered(client: MlflowClient) -> list[Registered]:
    """All versions, the newest first. A version that was registered twice counts once, by its newest number."""
    aliases: dict[str, list[str]] = {}
    for model in client.search_registered_models(f"name='{MODEL_NAME}'"):
        for alias, number in model.aliases.items():
            aliases.setdefault(str(number), []).append(alias)
    found: dict[str, Registered] = {}
    every: list[ModelVersion] = list(client.search_model_versions(f"name='{MODEL_NAME}'"))
    for each in sorted(every, key=lambda one: int(one.version), reverse=True):
        version = each.tags.get(VERSION_TAG)
        if version and version not in found:
            number = str(each.version)
            names = tuple(sorted(aliases.get(number, ())))
            found[version] = Registered(number, version, each.run_id or "", names, each.tags)
    return list(found.values())


def find(client: MlflowClient, version: str) -> Registered:
    """The registered version. Raises VersionNotRegisteredError."""
    for each in registered(client):
        if each.version == version:
            return each
    raise VersionNotRegisteredError(f"MLflow has no version {version} of {MODEL_NAME}")


def set_alias(client: MlflowClient, alias: Alias, version: str | None) -> bool:
    """Give the alias to a version, or to none; False if MLflow does not know the version, which then leaves none."""
    try:
        number = find(client, version).number if version else None
    except VersionNotRegisteredError:
        number = None
    if number is None:
        if any(alias in each.aliases for each in registered(client)):
            client.delete_registered_model_alias(MODEL_NAME, alias)
        return False
    client.set_registered_model_alias(MODEL_NAME, alias, number)
    return True


def serving_artefact(client: MlflowClient, version: str) -> Artefact:
    """What is served of a registered version, verified. Raises VersionNotRegisteredError, ArtefactError."""
    run_id = find(client, version).run_id
    with TemporaryDirectory(prefix="stellar-registry-") as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return Artefact.read(Path(client.download_artifacts(run_id, SERVING, folder)))


def manifest(client: MlflowClient, one: Registered) -> Manifest:
    """What a registered version says of itself. Raises MlflowException, ValidationError."""
    with TemporaryDirectory(prefix="stellar-registry-") as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        file = client.download_artifacts(one.run_id, f"{SERVING}/{MANIFEST_FILE}", folder)
        return Manifest.model_validate_json(Path(file).read_bytes())
