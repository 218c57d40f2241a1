"""A model artefact as bytes: read from a folder, and refused unless it is whole and means what we mean."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from stellar.manifest import FEATURES, MANIFEST_FILE, MODEL_FILE, Manifest, sha256
from stellar.schema import CLASSES


class ArtefactError(ValueError):
    """The artefact cannot be served."""


class HashMismatchError(ArtefactError):
    """A file is not the one that the manifest, or the pointer, describes."""


class IncompatibleModelError(ArtefactError):
    """The files are whole, but the model is not one that this code can serve."""


@dataclass(frozen=True, slots=True)
class Artefact:
    """A model and its manifest, verified against each other."""

    manifest: Manifest
    manifest_bytes: bytes
    model: bytes

    @property
    def version(self) -> str:
        return self.manifest.version

    @classmethod
    def verify(cls, manifest_bytes: bytes, model: bytes, manifest_sha256: str | None = None) -> Artefact:
        """The artefact that these bytes are. ``manifest_sha256`` is the hash that the pointer gives, if one does.

        Raises HashMismatchError, IncompatibleModelError.
        """
        if manifest_sha256 is not None and sha256(manifest_bytes) != manifest_sha256:
            raise HashMismatchError(f"{MANIFEST_FILE} is not the file that the champion pointer names")
        try:
            manifest = Manifest.model_validate_json(manifest_bytes)
        except ValidationError as error:
            detail = error.errors(include_url=False)[0]
            place = "".join(f"{part}: " for part in detail["loc"])
            raise IncompatibleModelError(f"{MANIFEST_FILE} is not a manifest: {place}{detail['msg']}") from None
        entry = manifest.files.get(MODEL_FILE)
        if entry is None:
            raise IncompatibleModelError(f"{MANIFEST_FILE} does not name {MODEL_FILE}")
        if len(model) != entry.bytes or sha256(model) != entry.sha256:
            raise HashMismatchError(
                f"{MODEL_FILE} of {manifest.version} is not the file that its manifest describes "
                f"({len(model)} bytes, {entry.bytes} expected)"
            )
        if manifest.features != FEATURES:
            raise IncompatibleModelError(f"features are {manifest.features}, not {FEATURES}")
        if manifest.classes != CLASSES:
            raise IncompatibleModelError(f"classes are {manifest.classes}, not {CLASSES}")
        return cls(manifest, manifest_bytes, model)

    @classmethod
    def read(cls, folder: Path, manifest_sha256: str | None = None) -> Artefact:
        """The artefact in a folder. Raises OSError where a file cannot be read, else as ``verify``."""
        return cls.verify((folder / MANIFEST_FILE).read_bytes(), (folder / MODEL_FILE).read_bytes(), manifest_sha256)
