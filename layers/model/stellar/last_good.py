"""The last good champion, kept on disk for the day that S3 does not answer.

One uncompressed ZIP file, so that it is replaced in one step: readers in other processes see the old or the new.
Its folder belongs to one bucket of one endpoint, and to one user: nobody else may put a model there.
"""

from __future__ import annotations

import hashlib
import os
import stat
import tempfile
import zipfile
from pathlib import Path

from stellar.artefact import Artefact, ArtefactError
from stellar.manifest import MANIFEST_FILE, MODEL_FILE

FILE_NAME = "champion.zip"


def folder_for(cache_dir: Path, bucket: str, endpoint: str | None) -> Path:
    """The folder of one bucket. Buckets of equal name at two endpoints are two buckets."""
    return cache_dir / hashlib.sha256(f"{endpoint or ''}\n{bucket}".encode()).hexdigest()[:16]


def keep(artefact: Artefact, folder: Path) -> None:
    """Put the artefact there, in place of the one before. Raises OSError, also if the folder is another user's."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.mkdir(mode=stat.S_IRWXU, exist_ok=True)
    _refuse_shared(folder)
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
    """The artefact kept there, verified anew.

    Raises FileNotFoundError if there is none, PermissionError if another user could have put it there, OSError,
    ArtefactError if it is damaged.
    """
    _refuse_shared(folder)
    try:
        with zipfile.ZipFile(folder / FILE_NAME) as archive:
            manifest, model = archive.read(MANIFEST_FILE), archive.read(MODEL_FILE)
    except OSError:
        raise
    except Exception as error:  # what zipfile raises for a damaged archive has no common base
        raise ArtefactError(f"{folder / FILE_NAME} is damaged: {error}") from None
    return Artefact.verify(manifest, model)


def _refuse_shared(folder: Path) -> None:
    """Raises PermissionError unless the folder is this user's, and no one else may look or write into it."""
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or stat.S_IMODE(found.st_mode) & 0o077:
        raise PermissionError(
            f"{folder} is not a folder of this user's alone (mode 0700); remove it, or name another MODEL_CACHE_DIR"
        )
