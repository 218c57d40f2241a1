"""The last good champion, kept on disk for the day that S3 does not answer.

One uncompressed ZIP file, so that it is replaced in one step: readers in other processes see the old or the new.
"""

from __future__ import annotations

import os
import tempfile
import zipfile
from pathlib import Path

from stellar.artefact import Artefact, ArtefactError
from stellar.manifest import MANIFEST_FILE, MODEL_FILE

FILE_NAME = "champion.zip"


def keep(artefact: Artefact, folder: Path) -> None:
    """Put the artefact there, in place of the one before. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=folder, prefix=".champion-")
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file, zipfile.ZipFile(file, "w") as archive:
            archive.writestr(MANIFEST_FILE, artefact.manifest_bytes)
            archive.writestr(MODEL_FILE, artefact.model)
        temporary.replace(folder / FILE_NAME)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def recall(folder: Path) -> Artefact:
    """The artefact kept there, verified anew. Raises OSError if there is none, ArtefactError if it is damaged."""
    try:
        with zipfile.ZipFile(folder / FILE_NAME) as archive:
            manifest, model = archive.read(MANIFEST_FILE), archive.read(MODEL_FILE)
    except OSError:
        raise
    except Exception as error:  # what zipfile raises for a damaged archive has no common base
        raise ArtefactError(f"{folder / FILE_NAME} is damaged: {error}") from None
    return Artefact.verify(manifest, model)
