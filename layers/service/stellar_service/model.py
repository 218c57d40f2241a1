"""The model behind a function: loaded once in the init phase, and asked for at each request."""

from __future__ import annotations

import logging

from stellar import Classifier, ModelStore, open_store
from stellar.artefact import ArtefactError
from stellar_service.health import Health, health_of

_LOG = logging.getLogger(__name__)


class NoModelError(RuntimeError):
    """Neither a champion nor the default model could be loaded."""

    def __init__(self) -> None:
        super().__init__("No model is available: neither a champion nor the default one could be loaded.")


class ServedModel:
    """The model in use. A function whose model cannot be loaded starts all the same, and tells its callers."""

    def __init__(self) -> None:
        self.store = _open()

    def classifier(self) -> Classifier:
        """The classifier of this moment, to be taken once a request. Raises NoModelError."""
        if self.store is None:
            raise NoModelError
        return self.store.classifier

    def health(self) -> Health:
        """Whether there is one, and which."""
        return health_of(self.store)


def _open() -> ModelStore | None:
    try:
        return open_store()
    except (ArtefactError, OSError):
        _LOG.exception("no model can be loaded")
        return None
