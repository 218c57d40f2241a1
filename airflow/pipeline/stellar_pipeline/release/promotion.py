"""Make a version the champion, or the one before it again: first in the bucket, which serving reads, then in MLflow.

The bucket decides who answers. MLflow's alias follows it, and is let be where MLflow cannot be reached.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from stellar.artefact import Artefact, ArtefactError
from stellar.classifier import Classifier
from stellar_pipeline.release.champions import Champions, VersionNotExportedError
from stellar_pipeline.tracking.registry import VersionNotRegisteredError, serving_artefact, set_alias
from stellar_pipeline.tracking.server import TrackingUnavailableError, connect


class UnknownVersionError(RuntimeError):
    """Neither the bucket nor MLflow has such a version."""


def find_artefact(version: str, champions: Champions) -> Artefact:
    """What is served of a version: from the bucket if it was exported, else from MLflow.

    A path (no version has a slash in it) means the folder of a model, as `stellar train` writes it.

    Raises UnknownVersionError; ArtefactError where what is there is not whole; StorageError.
    """
    if os.sep in version:
        return _in_folder(version)
    try:
        return champions.artefact(version)
    except (VersionNotExportedError, ArtefactError) as error:
        try:
            return serving_artefact(connect(), version)
        except (VersionNotRegisteredError, TrackingUnavailableError) as other:
            if isinstance(error, ArtefactError):
                raise error from None
            raise UnknownVersionError(f"{error}, and {other}") from None


def _in_folder(path: str) -> Artefact:
    try:
        return Artefact.read(Path(path))
    except FileNotFoundError as error:
        raise UnknownVersionError(f"{path} holds no model: there is no {Path(error.filename).name}") from None
    except OSError as error:
        raise UnknownVersionError(f"{path} holds no model: {error.strerror}") from None


def promote(version: str, *, lift: bool = True) -> dict[str, Any]:
    """Export a version to ``models/<version>/`` and name it in ``models/champion.json``; MLflow's alias follows.

    It may be a folder instead, see ``find_artefact``.

    Gives ``champion``, the champion before as ``previous`` (None if there was none) and whether MLflow was told
    (``registered``). The model is loaded and tried before, as serving does: what it would refuse is not promoted.
    A person who promotes a version that was rolled back lifts the bar on it; a program says ``lift=False``.

    Raises UnknownVersionError, BarredVersionError, ArtefactError, StorageError.
    """
    champions = Champions.from_environment()
    artefact = find_artefact(version, champions)
    Classifier(artefact)
    uri = champions.export(artefact)
    previous = champions.promote(artefact.version, lift=lift)
    return {"previous": previous, "champion": artefact.version, "uri": uri, "registered": _alias(artefact.version)}


def roll_back(previous: str | None = None) -> dict[str, Any]:
    """Make the champion before the champion again, or ``previous``; done already, it does nothing.

    Gives ``champion`` and the one that it replaces as ``replaced`` (None if it was champion already).
    Raises NoChampionError, NoPreviousChampionError, VersionNotExportedError, ArtefactError, StorageError.
    """
    champions = Champions.from_environment()
    current = champions.record().version
    replaced = None
    if current != previous:
        replaced, current = current, champions.roll_back(previous).version
    return {"champion": current, "replaced": replaced, "registered": _alias(current)}


def _alias(version: str) -> bool:
    """Whether MLflow was told, and knows the version."""
    try:
        return set_alias(connect(), "champion", version)
    except TrackingUnavailableError:
        return False
