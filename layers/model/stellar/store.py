"""The model in use, kept up to date: champion in S3, else the last good copy on disk, else the shipped default.

What answers is always a model that was verified. Whatever goes wrong on the way to a newer one is told in
``status`` and the log, and the model in use goes on answering. If the champion is there and cannot be served, the
champion before it answers, in every execution environment: also in one that never saw it, or started only now.
"""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Literal

from stellar import last_good
from stellar.artefact import Artefact, ArtefactError
from stellar.champion import ChampionBucket, ChampionRecord, ChampionUnavailableError, Found, MissingError
from stellar.classifier import Classifier
from stellar.settings import Settings

Source = Literal["s3", "disk", "default"]

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Status:
    """Which model answers and where it came from.

    ``checked_at`` is when S3 was last asked, ``last_error`` what went wrong then (None: nothing).
    """

    version: str
    source: Source
    loaded_at: datetime
    checked_at: datetime | None = None
    last_error: str | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """A champion that is not used, by its record's ETag, and why. It is not fetched again until the record changes.

    Promoting a repaired artefact writes a new record (``stellar_pipeline.release.promotion``).
    """

    etag: str
    reason: ArtefactError


class ModelStore:
    """Holds the model in use. ``open_store`` makes one."""

    def __init__(self, settings: Settings) -> None:
        """Load the best model that can be had within the S3 budget.

        Raises ArtefactError or OSError only if there is neither a champion nor a sound default model.
        """
        self._settings = settings
        self._kept = last_good.folder_for(settings.cache_dir, settings.bucket or "", settings.endpoint)
        self._bucket: ChampionBucket | None = None
        if settings.bucket:
            self._bucket = ChampionBucket(settings.bucket, settings.s3_budget_seconds, settings.endpoint)
        self._etag: str | None = None
        self._refused: Refusal | None = None
        self._in_use: tuple[Classifier, Status] | None = None
        self._problem: str | None = None
        self._lock = threading.Lock()
        self._first_check = threading.Event()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._keep_checking, name="model-refresh", daemon=True)
        if self._bucket is not None:
            self._thread.start()
            if not self._first_check.wait(settings.s3_budget_seconds):
                self._failed(ChampionUnavailableError(f"no answer from S3 within {settings.s3_budget_seconds:g} s"))
        if self._in_use is None:
            self._fall_back()

    @property
    def classifier(self) -> Classifier:
        """The model in use. Take it once a request: the next read may give another."""
        assert self._in_use is not None
        return self._in_use[0]

    def status(self) -> Status:
        """Which model answers, and how it came to be the one."""
        assert self._in_use is not None
        return self._in_use[1]

    def refresh(self) -> bool:
        """Ask S3 for a new champion now, and put it to use. True if the model in use changed.

        Never raises on account of S3 or of a bad artefact: ``status`` tells.
        """
        if self._bucket is None:
            return False
        before = self._in_use[0] if self._in_use else None
        try:
            found = self._bucket.record(self._refused.etag if self._refused else self._etag)
            if found is None and self._refused:
                self._failed(self._refused.reason)
            elif found is None or found.etag == self._etag:  # equal: it came back from one that was refused
                self._unchanged()
            else:
                self._take(found, self._bucket)
        except (ChampionUnavailableError, ArtefactError) as error:
            self._failed(error)
        except Exception as error:  # nothing that S3 comes up with may end the watch
            _LOG.exception("looking for a champion failed")
            self._failed(error)
        return self._in_use is not None and self._in_use[0] is not before

    def close(self) -> None:
        """Ask S3 no more. The model in use stays usable."""
        self._closing.set()
        if self._thread.is_alive():
            self._thread.join(timeout=2 * self._settings.s3_budget_seconds)

    def _keep_checking(self) -> None:
        self.refresh()
        self._first_check.set()
        if self._settings.refresh_seconds > 0:
            while not self._closing.wait(self._settings.refresh_seconds):
                self.refresh()

    def _take(self, found: Found, bucket: ChampionBucket) -> None:
        """Fetch what the record names, try it, and put it to use. Raises ChampionUnavailableError, ArtefactError."""
        self._refused = None
        try:
            artefact = bucket.artefact(found.record.version, found.record.manifest_sha256)
            classifier = Classifier(artefact)
        except ArtefactError as error:
            self._step_back(found.record, bucket, error)
            self._refused = Refusal(found.etag, error)
            raise
        except MissingError as error:
            self._step_back(found.record, bucket, error)
            raise
        with self._lock:
            self._problem = None
            self._etag = found.etag
            self._use(classifier, "s3", checked_at=datetime.now(UTC))
        self._keep(artefact)

    def _step_back(self, record: ChampionRecord, bucket: ChampionBucket, problem: Exception) -> None:
        """Use the last sound one of the champions before. Raises ChampionUnavailableError if S3 went away meanwhile."""
        for version in record.previous:
            if self._in_use is not None and version == self._in_use[0].version:
                return
            try:
                artefact = bucket.artefact(version)
                classifier = Classifier(artefact)
            except (ArtefactError, MissingError) as error:
                _LOG.warning("the champion before, %s, cannot be used either: %s", version, error)
                continue
            with self._lock:
                self._etag = None  # no record that was read names this one
                self._use(classifier, "s3", checked_at=datetime.now(UTC), last_error=str(problem))
            self._keep(artefact)
            return

    def _unchanged(self) -> None:
        """The model in use is the champion."""
        self._refused = None
        with self._lock:
            self._problem = None
            self._checked(None)

    def _fall_back(self) -> None:
        """Use the last good copy, or the default model, unless the champion has come in the meantime."""
        source: Source = "disk"
        try:
            if self._bucket is None:
                raise FileNotFoundError("no bucket, so no champion was ever kept")
            classifier = Classifier(last_good.recall(self._kept))
        except (ArtefactError, OSError) as error:
            if not isinstance(error, FileNotFoundError):
                _LOG.warning("the model kept on disk cannot be used: %s", error)
            source, classifier = "default", Classifier.load(self._settings.default_dir)
        with self._lock:
            if self._in_use is None:
                checked_at = datetime.now(UTC) if self._bucket else None
                self._use(classifier, source, checked_at=checked_at, last_error=self._problem)

    def _use(
        self, classifier: Classifier, source: Source, *, checked_at: datetime | None, last_error: str | None = None
    ) -> None:
        previous = self._in_use[0].version if self._in_use else None
        status = Status(classifier.version, source, datetime.now(UTC), checked_at, last_error)
        self._in_use = (classifier, status)
        _LOG.info("model %s from %s is in use%s", classifier.version, source, f", after {previous}" if previous else "")

    def _failed(self, error: Exception) -> None:
        with self._lock:
            if str(error) != self._problem:
                _LOG.warning("the champion cannot be used, another model answers: %s", error)
            self._problem = str(error)
            self._checked(self._problem)

    def _checked(self, last_error: str | None) -> None:
        if self._in_use is not None:
            classifier, status = self._in_use
            self._in_use = (classifier, replace(status, checked_at=datetime.now(UTC), last_error=last_error))

    def _keep(self, artefact: Artefact) -> None:
        try:
            last_good.keep(artefact, self._kept)
        except OSError as error:
            _LOG.warning("the model cannot be kept on disk: %s", error)


def open_store(settings: Settings | None = None) -> ModelStore:
    """The model store that the environment describes, ready to answer."""
    return ModelStore(settings or Settings.from_environment())
