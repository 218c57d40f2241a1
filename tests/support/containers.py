"""The compose files and Dockerfiles as data: what would run in which container, with which files."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
INFRA = ROOT / "infra"
DOCKERFILES = sorted((INFRA / "docker").glob("*.Dockerfile"))
VARIABLE = re.compile(r"\$\{(\w+)(:\?[^}]*)?([^}]*)\}")
"""``${NAME:?what to do}``: group 3 is what else stands there, the default ``:-3000`` of a port."""


def compose_files() -> list[Path]:
    """infra/compose.yaml and all that it includes."""
    main = INFRA / "compose.yaml"
    included = [path for entry in yaml.safe_load(main.read_text())["include"] for path in entry["path"]]
    return [main, *(INFRA / path for path in included)]


def services(values: Mapping[str, str] | None = None) -> dict[str, dict[str, Any]]:
    """Every service by name, with the merges done and, where ``values`` are given, the variables put in."""
    found: dict[str, dict[str, Any]] = {}
    for path in compose_files():
        text = path.read_text()
        if values is not None:
            text = VARIABLE.sub(lambda match: values.get(match[1]) or match[3].removeprefix(":-"), text)
        found |= yaml.safe_load(text)["services"]
    return found


def secrets() -> set[str]:
    """The variables without which nothing starts."""
    return {name for path in compose_files() for name, demand, _ in VARIABLE.findall(path.read_text()) if demand}


def copied_sources(dockerfile: Path, stage: str | None = None) -> list[Path]:
    """What a Dockerfile, or one of its stages, copies out of the build's context."""
    sources: list[Path] = []
    current = None
    for line in dockerfile.read_text().splitlines():
        words = line.split()
        if words[:1] == ["FROM"]:
            current = words[3] if len(words) > 3 else None
        elif words[:1] == ["COPY"] and not line.startswith("COPY --from") and stage in (None, current):
            sources += [Path(word) for word in words[1:-1] if not word.startswith("--")]
    return sources


def copy_context(dockerfile: Path, stage: str, folder: Path) -> None:
    """Copy just these files of the repository into a folder, as the stage would."""
    for source in copied_sources(dockerfile, stage):
        target = folder / source
        target.parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / source).is_dir():
            shutil.copytree(
                ROOT / source, target, symlinks=True, ignore=shutil.ignore_patterns("__pycache__", "target")
            )
        else:
            shutil.copy2(ROOT / source, target)


def entrypoint(dockerfile: Path) -> list[str]:
    """The last ENTRYPOINT of a Dockerfile, in its exec form."""
    lines = [line for line in dockerfile.read_text().splitlines() if line.startswith("ENTRYPOINT ")]
    words: list[str] = json.loads(lines[-1].removeprefix("ENTRYPOINT "))
    return words
