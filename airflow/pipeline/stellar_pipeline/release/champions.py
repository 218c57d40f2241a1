"""The bucket that serving reads: every exported version, and the record of the champion.

s3://$MODEL_BUCKET/models/<version>/{model.onnx,manifest.json}
s3://$MODEL_BUCKET/models/champion.json

Promotion and rolling back each replace one object, on the condition that nobody else has replaced it meanwhile: of two
promotions at once neither is lost.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime

from pydantic import ValidationError

from stellar.artefact import Artefact, ArtefactError
from stellar.champion import PREFIX, RECORD_NAME, Barred, ChampionRecord
from stellar.manifest import MANIFEST_FILE, MODEL_FILE, Manifest, sha256
from stellar_pipeline.object_store import ConflictError, MissingObjectError, Objects, open_root

DEFAULT_BUCKET = "stellar-models"
REMEMBERED = 20
"""How many champions back one can roll."""
_ATTEMPTS = 10


class NoChampionError(RuntimeError):
    """The bucket has no champion: no record, or (``tag``) something that is none."""

    def __init__(self, message: str, tag: str | None = None) -> None:
        super().__init__(message)
        self.tag = tag


class NoPreviousChampionError(RuntimeError):
    """There is no champion to go back to."""


class VersionNotExportedError(RuntimeError):
    """The bucket has no such version."""


class BarredVersionError(RuntimeError):
    """The version was rolled back, and no person has promoted it since."""


class Champions:
    """Exported versions and their champion. Every method raises StorageError where S3 cannot be reached."""

    def __init__(self, objects: Objects) -> None:
        self._objects = objects

    @classmethod
    def from_environment(cls) -> Champions:
        """Those of the bucket that MODEL_BUCKET names; it is made if S3 is an emulated one."""
        return cls(open_root(f"s3://{os.environ.get('MODEL_BUCKET') or DEFAULT_BUCKET}/{PREFIX}"))

    def versions(self) -> list[str]:
        """The versions that lie there, in the order of their names, which begin with the date."""
        names = (name.split("/") for name in self._objects.names(""))
        return [parts[0] for parts in names if len(parts) == 2 and parts[1] == MANIFEST_FILE]

    def artefact(self, version: str) -> Artefact:
        """An exported version, verified. Raises VersionNotExportedError, ArtefactError."""
        try:
            manifest = self._objects.read(f"{version}/{MANIFEST_FILE}")
            model = self._objects.read(f"{version}/{MODEL_FILE}")
        except MissingObjectError:
            raise VersionNotExportedError(f"{self._objects.uri(version)} holds no model") from None
        return Artefact.verify(manifest, model)

    def manifest(self, version: str) -> Manifest:
        """What an exported version says of itself. Raises VersionNotExportedError, ArtefactError."""
        try:
            return Manifest.model_validate_json(self._objects.read(f"{version}/{MANIFEST_FILE}"))
        except MissingObjectError:
            raise VersionNotExportedError(f"{self._objects.uri(version)} holds no model") from None
        except ValidationError:
            raise ArtefactError(f"{self._objects.uri(version)}/{MANIFEST_FILE} is not a manifest") from None

    def record(self) -> ChampionRecord:
        """Who the champion is. Raises NoChampionError."""
        return self._read()[0]

    def export(self, artefact: Artefact) -> str:
        """Put a version there, the manifest last, unless it is there already; its address.

        The same model exported again keeps its first manifest: a record may have that one's hash.
        """
        try:
            if self.artefact(artefact.version).model == artefact.model:
                return self._objects.uri(artefact.version)
        except (VersionNotExportedError, ArtefactError):
            pass  # nothing whole is there: write it
        self._objects.write(f"{artefact.version}/{MODEL_FILE}", artefact.model)
        self._objects.write(f"{artefact.version}/{MANIFEST_FILE}", artefact.manifest_bytes)
        return self._objects.uri(artefact.version)

    def promote(self, version: str, *, lift: bool = True) -> str | None:
        """Make an exported version the champion; the one before, None if there was none.

        A bar on it is lifted; with ``lift`` false, which is for programs, it raises BarredVersionError.
        Raises VersionNotExportedError, ArtefactError: what is not whole never becomes the champion.
        """
        artefact = self.artefact(version)

        def promoted(record: ChampionRecord | None) -> ChampionRecord:
            if record is None:
                return _record(artefact, ())
            before, bar = record.previous, _bar(record, artefact)
            if bar and not lift:
                raise BarredVersionError(
                    f"{version} is barred: {bar.version} was rolled back. `stellar model promote {version}` lifts that"
                )
            if record.version != version:
                before = (record.version, *(other for other in before if other != version))
            barred = tuple(other for other in record.barred if other != bar)
            return _record(artefact, before[:REMEMBERED], barred)

        previous = self._change(promoted).previous
        return previous[0] if previous else None

    def bar(self, artefact: Artefact) -> Barred | None:
        """What bars a model from being promoted by a program, if anything does."""
        try:
            return _bar(self.record(), artefact)
        except NoChampionError:
            return None

    def roll_back(self, version: str | None = None) -> ChampionRecord:
        """Go back to the champion before, or to ``version``; the record then.

        The champion that is left, and those between, are none to go back to any more, and the one that is left is
        barred: no program promotes it again.
        Raises NoChampionError, NoPreviousChampionError, VersionNotExportedError, ArtefactError.
        """
        first = self.record()
        wanted = version or (first.previous[0] if first.previous else None)

        def rolled_back(record: ChampionRecord | None) -> ChampionRecord:
            record = record or first
            if wanted is None:
                raise NoPreviousChampionError(f"{record.version} is the first champion: there is none to go back to")
            known = wanted in record.previous
            earlier = record.previous[record.previous.index(wanted) + 1 :] if known else record.previous
            target = self.artefact(wanted)
            barred = tuple(other for other in record.barred if other != _bar(record, target))
            if record.version != wanted:
                barred = (self._barred(record.version), *barred)[:REMEMBERED]
            return _record(target, earlier, barred)

        return self._change(rolled_back)

    def _barred(self, version: str) -> Barred:
        try:
            digest = self.manifest(version).files[MODEL_FILE].sha256
        except (VersionNotExportedError, ArtefactError, KeyError):
            digest = None  # it is gone or broken: its name alone bars it
        return Barred(version=version, model_sha256=digest, since=datetime.now(UTC))

    def _read(self) -> tuple[ChampionRecord, str]:
        """The record and the tag of what was read. Raises NoChampionError."""
        try:
            content, tag = self._objects.read_tagged(RECORD_NAME)
            return ChampionRecord.model_validate_json(content), tag
        except MissingObjectError:
            raise NoChampionError(f"{self._objects.uri(RECORD_NAME)} does not exist") from None
        except ValidationError:
            raise NoChampionError(f"{self._objects.uri(RECORD_NAME)} is not a champion record", tag) from None

    def _change(self, change: Callable[[ChampionRecord | None], ChampionRecord]) -> ChampionRecord:
        """Replace the record by what ``change`` makes of it; begin anew if another was faster. Raises ConflictError."""
        for attempt in range(1, _ATTEMPTS + 1):
            record, tag = None, None
            try:
                record, tag = self._read()
            except NoChampionError as error:
                tag = error.tag
            changed = change(record)
            try:
                self._objects.replace(RECORD_NAME, changed.model_dump_json(indent=1).encode(), tag)
            except ConflictError:
                if attempt == _ATTEMPTS:
                    raise
            else:
                return changed
        raise AssertionError("unreachable")


def _bar(record: ChampionRecord, artefact: Artefact) -> Barred | None:
    digest = artefact.manifest.files[MODEL_FILE].sha256
    same = (each for each in record.barred if each.version == artefact.version or each.model_sha256 == digest)
    return next(same, None)


def _record(artefact: Artefact, previous: tuple[str, ...], barred: tuple[Barred, ...] = ()) -> ChampionRecord:
    return ChampionRecord(
        version=artefact.version,
        manifest_sha256=sha256(artefact.manifest_bytes),
        since=datetime.now(UTC),
        previous=previous,
        barred=barred,
    )
