"""Every version that there is, in the bucket and in MLflow, with its figures. Without MLflow: those of the bucket."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from stellar.artefact import ArtefactError
from stellar.champion import ChampionRecord
from stellar.manifest import Manifest
from stellar_pipeline.release.champions import Champions, NoChampionError, VersionNotExportedError
from stellar_pipeline.release.promotion import UnknownVersionError
from stellar_pipeline.tracking.registry import Registered, VersionNotRegisteredError, find, manifest, registered
from stellar_pipeline.tracking.server import TrackingUnavailableError, connect


@dataclass(frozen=True, slots=True)
class Version:
    """One version: what it says of itself, whether serving could read it, and what MLflow knows of it."""

    manifest: Manifest
    exported: bool
    registered: Registered | None
    aliases: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "version": self.manifest.version,
            "created": self.manifest.created.isoformat(),
            "aliases": self.aliases,
            "exported": self.exported,
            "registry_number": self.registered.number if self.registered else None,
            "run_id": self.registered.run_id if self.registered else None,
            "metrics": {name: each.model_dump(mode="json") for name, each in self.manifest.metrics.items()},
            "data": self.manifest.data.model_dump(mode="json"),
            "training": self.manifest.training.model_dump(mode="json"),
        }


@dataclass(slots=True)
class Overview:
    """All versions, the newest first; who is champion; and what could not be read (``problems``)."""

    versions: list[Version]
    champion: ChampionRecord | None
    problems: list[str] = field(default_factory=list)


def overview(champions: Champions) -> Overview:
    """Gather them. Raises StorageError; MLflow's absence, or a damaged version, is a problem that is told."""
    problems: list[str] = []
    try:
        champion = champions.record()
    except NoChampionError as error:
        champion = None
        problems.append(str(error))
    known: dict[str, Registered] = {}
    found: dict[str, Version] = {}
    client = None
    try:
        client = connect()
        known = {each.version: each for each in registered(client)}
    except TrackingUnavailableError as error:
        problems.append(f"only what was exported is shown: {error}")
    for version in champions.versions():
        try:
            found[version] = _version(champions.manifest(version), True, known.get(version), champion)
        except ArtefactError as error:
            problems.append(str(error))
    for version, each in known.items():
        if version not in found and client is not None:
            found[version] = _version(manifest(client, each), False, each, champion)
    ordered = sorted(found.values(), key=lambda each: each.manifest.created, reverse=True)
    return Overview(ordered, champion, problems)


def look_up(champions: Champions, version: str | None) -> Version:
    """One version, the champion by default.

    Raises UnknownVersionError, NoChampionError, ArtefactError, StorageError.
    """
    try:
        champion = champions.record()
    except NoChampionError:
        if version is None:
            raise
        champion = None
    wanted = version or (champion.version if champion else "")
    one = None
    problem = ""
    try:
        client = connect()
        one = find(client, wanted)
    except (TrackingUnavailableError, VersionNotRegisteredError) as error:
        problem = str(error)
    try:
        return _version(champions.manifest(wanted), True, one, champion)
    except VersionNotExportedError as error:
        if one is None:
            raise UnknownVersionError(f"{error}, and {problem}") from None
    return _version(manifest(client, one), False, one, champion)


def _version(content: Manifest, exported: bool, one: Registered | None, champion: ChampionRecord | None) -> Version:
    """The bucket says who is champion; MLflow who is challenger."""
    aliases = [alias for alias in (one.aliases if one else ()) if alias != "champion"]
    if champion is not None and champion.version == content.version:
        aliases.insert(0, "champion")
    elif champion is not None and content.version in champion.previous:
        aliases.append(f"champion before ({champion.previous.index(content.version) + 1})")
    return Version(content, exported, one, tuple(aliases))
