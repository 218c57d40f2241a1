"""The bucket that serving reads: every exported version, and the pointer to the champion.

s3://$MODEL_BUCKET/models/<version>/{model.onnx,manifest.json}
s3://$MODEL_BUCKET/models/champion.json

The pointer carries the champions before this one, so that rolling back needs nothing but the bucket, and is, like
promotion, the writing of one object.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime

from pydantic import AwareDatetime, ValidationError

from stellar.artefact import Artefact, ArtefactError
from stellar.champion import Pointer
from stellar.manifest import MANIFEST_FILE, MODEL_FILE, Manifest, sha256
from stellar_pipeline.object_store import MissingObjectError, Objects, open_root

DEFAULT_BUCKET = "stellar-models"
POINTER = "champion.json"
REMEMBERED = 20
"""How many champions back one can roll."""


class NoChampionError(RuntimeError):
    """The bucket has no champion."""


class NoPreviousChampionError(RuntimeError):
    """There is no champion to go back to."""


class VersionNotExportedError(RuntimeError):
    """The bucket has no such version."""


class Reign(Pointer):
    """``champion.json`` as promotion writes it. Serving reads what ``Pointer`` has.

    ``since`` makes each promotion's pointer, and so its ETag, another: a version that was refused, repaired and
    promoted again is looked at again.
    """

    since: AwareDatetime | None = None


class Champions:
    """Exported versions and their champion. Every method raises StorageError where S3 cannot be reached."""

    def __init__(self, objects: Objects) -> None:
        self._objects = objects

    @classmethod
    def from_environment(cls) -> Champions:
        """Those of the bucket that MODEL_BUCKET names; it is made if S3 is an emulated one."""
        return cls(open_root(f"s3://{os.environ.get('MODEL_BUCKET') or DEFAULT_BUCKET}/models"))

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

    def reign(self) -> Reign:
        """Who the champion is. Raises NoChampionError."""
        try:
            return Reign.model_validate_json(self._objects.read(POINTER))
        except MissingObjectError:
            raise NoChampionError(f"{self._objects.uri(POINTER)} does not exist") from None
        except ValidationError:
            raise NoChampionError(f"{self._objects.uri(POINTER)} is not a champion pointer") from None

    def export(self, artefact: Artefact) -> str:
        """Put a version there, the manifest last, unless it is there already; its address.

        The same model exported again keeps its first manifest: a pointer may have that one's hash.
        """
        try:
            if self.artefact(artefact.version).model == artefact.model:
                return self._objects.uri(artefact.version)
        except (VersionNotExportedError, ArtefactError):
            pass  # nothing whole is there: write it
        self._objects.write(f"{artefact.version}/{MODEL_FILE}", artefact.model)
        self._objects.write(f"{artefact.version}/{MANIFEST_FILE}", artefact.manifest_bytes)
        return self._objects.uri(artefact.version)

    def crown(self, version: str) -> str | None:
        """Make an exported version the champion; the one before, None if there was none.

        Raises VersionNotExportedError, ArtefactError: what is not whole is never pointed at.
        """
        artefact = self.artefact(version)
        try:
            reign = self.reign()
            before: tuple[str, ...] = reign.previous
            if reign.version != version:
                before = (reign.version, *(other for other in before if other != version))
        except NoChampionError:
            before = ()
        self._point(artefact, before[:REMEMBERED])
        return before[0] if before else None

    def restore(self, version: str | None = None) -> Reign:
        """Go back to the champion before, or to ``version``; the reign that begins.

        The champion that is left, and those between, are none to go back to any more.
        Raises NoChampionError, NoPreviousChampionError, VersionNotExportedError, ArtefactError.
        """
        reign = self.reign()
        if version is None and not reign.previous:
            raise NoPreviousChampionError(f"{reign.version} is the first champion: there is none to go back to")
        wanted = version or reign.previous[0]
        known = wanted in reign.previous
        earlier = reign.previous[reign.previous.index(wanted) + 1 :] if known else reign.previous
        self._point(self.artefact(wanted), earlier)
        return self.reign()

    def _point(self, artefact: Artefact, previous: tuple[str, ...]) -> None:
        reign = Reign(
            version=artefact.version,
            manifest_sha256=sha256(artefact.manifest_bytes),
            since=datetime.now(UTC),
            previous=previous,
        )
        self._objects.write(POINTER, reign.model_dump_json(indent=1).encode())
