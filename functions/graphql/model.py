"""The model behind this function, loaded once in the init phase."""

from __future__ import annotations

from errors import NoModelError
from telemetry import logger

from stellar import Classifier, ModelStore, open_store
from stellar.artefact import ArtefactError


def _open() -> ModelStore | None:
    try:
        return open_store()
    except (ArtefactError, OSError):
        logger.exception("there is no model to answer with")
        return None


store = _open()


def classifier() -> Classifier:
    """The model in use, to be taken once a request. Raises NoModelError where there is none."""
    if store is None:
        raise NoModelError
    return store.classifier
